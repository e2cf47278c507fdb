"""The bot's actions, named one by one: what is not in this table cannot be run."""

from __future__ import annotations

from bot.actions import asking, details, opting, proving, requests, talking
from bot.actions.base import TurnAction

ACTIONS: tuple[type[TurnAction], ...] = (
    opting.OptOut,
    opting.OptIn,
    requests.File,
    requests.Status,
    requests.Withdraw,
    requests.AnswerWithdrawPick,
    requests.AnswerWithdrawConfirm,
    details.AnswerCorrectionField,
    details.AnswerCorrectionValue,
    details.AnswerCorrectionConfirm,
    details.AnswerDeletionConfirm,
    details.AnswerObjectionUse,
    details.AnswerObjectionReason,
    details.AnswerComplaintText,
    details.AnswerAccessChoice,
    proving.AnswerContact,
    proving.AnswerSecondContact,
    proving.AnswerCode,
    proving.AnswerCountry,
    proving.Confirmed,
    proving.StrayCode,
    proving.NotMe,
    talking.Policy,
    talking.AnswerPolicyPerson,
    talking.Human,
    talking.Business,
    talking.Greet,
    talking.Thanks,
    talking.Media,
    talking.Clarify,
    talking.AnswerReading,
    talking.Unclear,
    asking.Ask,
)
