"""Trains the check of claims: the reader's network over a claim and the sentences that it cites.

Of the four outputs per token three are used: the mean of the first over the claim's tokens plus the
maximum of the second is the logit that the claim is not supported; the third of the first token is
the logit that it is contradicted, if it is not supported.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from index import WordEmbeddings
from rag.reader.encoding import encode_window
from training.claims.examples import ClaimExample
from training.reader import Reader

log = logging.getLogger(__name__)

_MAX_TOKENS = 160
_MAX_CLAIM = 64
_CHANGED_COUNT = 0.3  # weight of the loss of the changed tokens
_CONTRADICTED_COUNT = 0.3


@dataclass(frozen=True, slots=True)
class Item:
    """An example as tokens. `changed` has a value per token of the claim, None if unknown."""

    ids: tuple[int, ...]
    types: tuple[int, ...]
    claim: int  # tokens of the claim, which begin at 1
    unsupported: float
    contradicted: float | None
    changed: tuple[float, ...] | None


def make_item(words: WordEmbeddings, example: ClaimExample, *, titled: bool) -> Item:
    """Return an example as tokens."""
    title = example.title if titled else ""
    tokens = encode_window(words, example.claim, title, example.sentences, _MAX_TOKENS)
    offsets = words.read(example.claim)[1][:_MAX_CLAIM]
    changed = None
    if example.changed:
        changed = tuple(
            float(any(start < b and end > a for a, b in example.changed)) for start, end in offsets
        )
    known = {"contradicted": 1.0, "not told": 0.0}.get(example.label)
    return Item(
        tokens.ids, tokens.types, len(offsets), float(example.label != "supported"), known, changed
    )


@dataclass(frozen=True, slots=True)
class Scores:
    """The logits of a batch: unsupported and contradicted per example, faulty per token."""

    unsupported: Tensor
    contradicted: Tensor
    tokens: Tensor


def score(reader: Reader, items: Sequence[Item]) -> Scores:
    """Run the network over examples."""
    width = max(len(item.ids) for item in items)
    ids, types, mask = (torch.zeros((len(items), width), dtype=torch.long) for _ in range(3))
    claim = torch.zeros((len(items), width))
    for row, item in enumerate(items):
        ids[row, : len(item.ids)] = torch.tensor(item.ids)
        types[row, : len(item.ids)] = torch.tensor(item.types)
        mask[row, : len(item.ids)] = 1
        claim[row, 1 : item.claim + 1] = 1
    with torch.autocast("cpu", torch.bfloat16):
        outputs = reader(reader.embed(ids), types, mask)
    outputs = outputs.float()
    mean = (outputs[..., 0] * claim).sum(1) / claim.sum(1)
    highest = outputs[..., 1].masked_fill(claim == 0, -1e4).max(1).values
    return Scores(mean + highest, outputs[:, 0, 2], outputs[..., 1])


def measure_loss(scores: Scores, items: Sequence[Item]) -> Tensor:
    """Return the loss: of the two logits, and of the tokens that are known to be changed."""
    bce = functional.binary_cross_entropy_with_logits
    loss = bce(scores.unsupported, torch.tensor([item.unsupported for item in items]))
    known = [row for row, item in enumerate(items) if item.contradicted is not None]
    if known:
        labels = torch.tensor([items[row].contradicted for row in known])
        loss = loss + _CONTRADICTED_COUNT * bce(scores.contradicted[known], labels)
    rows = [row for row, item in enumerate(items) if item.changed and any(item.changed)]
    if rows:
        parts = [
            bce(
                scores.tokens[row, 1 : items[row].claim + 1],
                torch.tensor(items[row].changed),
                pos_weight=torch.tensor(3.0),
            )
            for row in rows
        ]
        loss = loss + _CHANGED_COUNT * torch.stack(parts).sum() / len(items)
    return loss


def train(
    reader: Reader,
    items: Sequence[Item],
    *,
    size: int = 24,
    rate: float = 1.5e-4,
    seed: int = 7,
) -> None:
    """Train for one pass over the items; batches hold items of similar lengths."""
    chance = random.Random(seed)
    weights = [p for p in reader.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.01, fused=True)
    batches = _order(items, size, chance)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: (
            min(step / (0.06 * len(batches)), 1)
            * (0.02 + 0.98 * (1 + math.cos(math.pi * step / len(batches))) / 2)
        ),
    )
    reader.train()
    began, losses = time.monotonic(), []
    for step, batch in enumerate(batches, 1):
        loss = measure_loss(score(reader, batch), batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 25 == 0:
            speed = step * size / (time.monotonic() - began)
            mean = sum(losses[-100:]) / len(losses[-100:])
            log.info("step %d of %d, loss %.3f, %.1f a second", step, len(batches), mean, speed)


def predict(reader: Reader, items: Sequence[Item], size: int = 32) -> list[float]:
    """Return the logit of each item that its claim is not supported."""
    reader.eval()
    order = sorted(range(len(items)), key=lambda i: len(items[i].ids))
    found = [0.0] * len(items)
    with torch.no_grad():
        for first in range(0, len(order), size):
            part = order[first : first + size]
            logits = score(reader, [items[i] for i in part]).unsupported.tolist()
            for i, logit in zip(part, logits, strict=True):
                found[i] = logit
    reader.train()
    return found


def _order(items: Sequence[Item], size: int, chance: random.Random) -> list[list[Item]]:
    shuffled = list(items)
    chance.shuffle(shuffled)
    pool = 32 * size
    batches = []
    for first in range(0, len(shuffled), pool):
        part = sorted(shuffled[first : first + pool], key=lambda item: len(item.ids))
        batches += [part[i : i + size] for i in range(0, len(part), size)]
    chance.shuffle(batches)
    return batches
