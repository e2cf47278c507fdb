"""Who the company is, what it promises and what its policy says: data in one folder per company.

`kmauto/` is the first. Another company is another folder with the same four files, named by the setting COMPANY.
"""

from company.profile import BadCompany, Company

__all__ = ["BadCompany", "Company"]
