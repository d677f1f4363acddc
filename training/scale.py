"""Puts the logits of a trained reader on the scale of another one.

Ranking and refusals were fitted with the logits of the reader that ships. Another one whose logits
mean the same likelihoods needs no fit of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from training.reader import Reader, collate, score_sentences
from training.windows import Window

Groups = Sequence[Sequence[Window]]

_BATCH = 16


def match_scale(reader: Reader, groups: Groups, other: Reader) -> None:
    """Change the reader's head so that its logits mean the same as those of the `other` reader.

    `groups` are the windows of questions that neither was trained on. A logistic model of both
    (Platt, 1999) gives the likelihood of a sentence by its logit; the two are made equal.
    """
    (own_slope, own_bias), (slope, bias) = _fit(reader, groups), _fit(other, groups)
    with torch.no_grad():
        # A logit is the mean of the first output plus the maximum of the second.
        reader.head.weight[:2] *= own_slope / slope
        reader.head.bias[:2] *= own_slope / slope
        reader.head.bias[0] += (own_bias - bias) / slope


def _fit(reader: Reader, groups: Groups) -> tuple[float, float]:
    """Return the slope and the bias of a sentence's log-odds of being right, by its logit."""
    logits, right = [], []
    reader.eval()
    with torch.no_grad():
        for first in range(0, len(groups), _BATCH):
            batch = collate(groups[first : first + _BATCH])
            outputs = reader(reader.embed(batch.ids), batch.types, batch.mask)
            known = batch.certain
            logits.append(score_sentences(outputs, batch)[known].numpy())
            right.append(batch.answers[known].numpy())
    model = LogisticRegression(C=100).fit(np.concatenate(logits)[:, None], np.concatenate(right))
    return float(model.coef_[0, 0]), float(model.intercept_[0])
