"""The desk: the pages where staff answer, and the API that does the same for other programs."""
