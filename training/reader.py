"""Trains the reader: a cross-encoder over a question and a few consecutive sentences."""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from index import WordEmbeddings
from training.windows import Window

log = logging.getLogger(__name__)

# Outputs per token: its sentence answers the question; the token is in the answer; it is the
# answer's first token; it is the last token.
HEADS = 4
_ANSWERED = 0.5  # the weight of the loss for whether a question has an answer
_READ_TOGETHER = 16  # sequences
_KEPT_EVERY = 50  # steps, until the state of a training is written again


class Reader(nn.Module):
    """An embedding model's layers, and a linear layer that has `HEADS` outputs per token.

    The word embeddings are not part of it and are not trained: they are looked up in the embedding
    model's package, so only the layers above them have to be shipped.
    """

    def __init__(self, encoder: BertModel, words: WordEmbeddings) -> None:
        super().__init__()
        self.encoder = encoder
        self.encoder.embeddings.word_embeddings.requires_grad_(False)
        self.words = words
        self.head = nn.Linear(self.encoder.config.hidden_size, HEADS)

    def forward(self, embedded: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Return the outputs of all tokens, shape (sequences, tokens, HEADS).

        `embedded` has the shape (sequences, tokens, width); `types` and `mask` (sequences, tokens).
        """
        hidden = self.encoder(
            inputs_embeds=embedded, token_type_ids=types, attention_mask=mask
        ).last_hidden_state
        outputs: Tensor = self.head(hidden)
        return outputs

    def embed(self, ids: Tensor) -> Tensor:
        """Return the word embeddings of token ids, shape (sequences, tokens, width)."""
        return torch.from_numpy(self.words.look_up(ids.numpy()))


@dataclass(frozen=True, slots=True)
class Batch:
    """Groups of windows as tensors.

    `ids`, `types` and `mask` have the shape (sequences, tokens). `sentences` has the shape
    (sentences, tokens) and is 1 at the tokens of each sentence.
    """

    ids: Tensor
    types: Tensor
    mask: Tensor
    sentences: Tensor
    sequence: Tensor  # of each sentence
    group: Tensor  # of each sentence
    answers: Tensor  # 1.0 for sentences that answer, or that may answer
    certain: Tensor  # True if the label of the sentence itself is known
    spans: list[tuple[int, int, int]]  # sequence, first token, last token


def collate(groups: Sequence[Sequence[Window]]) -> Batch:
    """Return groups of windows as one batch."""
    windows = [(number, window) for number, group in enumerate(groups) for window in group]
    width = max(len(window.tokens.ids) for _, window in windows)
    shape = (len(windows), width)
    ids, types, mask = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    rows, sequence, group_of, answers, certain, spans = [], [], [], [], [], []
    for i, (number, window) in enumerate(windows):
        length = len(window.tokens.ids)
        ids[i, :length] = torch.tensor(window.tokens.ids)
        types[i, :length] = torch.tensor(window.tokens.types)
        mask[i, :length] = 1
        for j, (start, end) in enumerate(window.tokens.sentences):
            row = torch.zeros(width)
            row[start:end] = 1
            rows.append(row)
            sequence.append(i)
            group_of.append(number)
            answers.append(float(j in window.right))
            certain.append(window.certain or not window.right)
        if window.span:
            spans.append((i, *window.span))
    return Batch(
        ids,
        types,
        mask,
        torch.stack(rows),
        torch.tensor(sequence),
        torch.tensor(group_of),
        torch.tensor(answers),
        torch.tensor(certain),
        spans,
    )


def score_sentences(outputs: Tensor, batch: Batch) -> Tensor:
    """Return the logit of each sentence, shape (sentences,).

    It is the mean of the first output plus the maximum of the second, over the sentence's tokens.
    """
    mine = outputs[batch.sequence]
    about = (mine[..., 0] * batch.sentences).sum(1) / batch.sentences.sum(1)
    inside = mine[..., 1].masked_fill(batch.sentences == 0, -1e4).max(1).values
    return about + inside


def measure_loss(outputs: Tensor, batch: Batch) -> tuple[Tensor, float]:
    """Return the loss, and the share of groups whose best sentence is one that answers.

    The loss is a sum. Sentences with known labels have a binary cross-entropy. Within each group,
    the right sentences compete with the wrong ones: each right sentence if the labels are known,
    otherwise their sum (the marginal likelihood, as in Clark & Gardner, 2018,
    https://arxiv.org/abs/1710.10723). Whether a question has an answer is told by its likeliest
    sentence: the best right one, or of a question without an answer the best of all. The last term
    is the cross-entropy of the answer's first and last token.
    """
    logits = score_sentences(outputs, batch)
    known = batch.certain
    loss = functional.binary_cross_entropy_with_logits(logits[known], batch.answers[known])
    right = count = 0
    choices, answered = [], []
    for number in range(int(batch.group.max()) + 1):
        where = batch.group == number
        gold = batch.answers[where] > 0
        mine, sure = logits[where], bool(known[where].all())
        if not sure:
            likeliest = mine[gold].max()
            loss = loss + functional.softplus(-likeliest) / len(batch.answers)
        answered.append(functional.softplus(-mine[gold].max() if gold.any() else mine.max()))
        if not gold.any() or gold.all():
            continue
        wrong = torch.logsumexp(mine[~gold], 0)
        if sure:
            choices.append(functional.softplus(wrong - mine[gold]).mean())
        else:
            choices.append(functional.softplus(wrong - torch.logsumexp(mine[gold], 0)))
        right += int(gold[mine.argmax()])
        count += 1
    if choices:
        loss = loss + torch.stack(choices).mean()
    loss = loss + _ANSWERED * torch.stack(answered).mean()
    if batch.spans:
        which, first, last = (torch.tensor(column) for column in zip(*batch.spans, strict=True))
        shut = (batch.mask[which] == 0) | (batch.types[which] == 0)
        for head, token in ((2, first), (3, last)):
            marks = outputs[which][..., head].masked_fill(shut, -1e4)
            loss = loss + 0.25 * functional.cross_entropy(marks, token)
    return loss, right / max(count, 1)


def run_batch(reader: Reader, batch: Batch) -> Tensor:
    """Return the outputs of all tokens of a batch, shape (sequences, tokens, HEADS).

    Sequences of about the same length are read together, because padding is wasted work.
    """
    lengths = batch.mask.sum(1)
    outputs = torch.zeros((*batch.ids.shape, HEADS))
    for rows in lengths.argsort().split(_READ_TOGETHER):
        width = int(lengths[rows].max())
        part = batch.ids[rows, :width], batch.types[rows, :width], batch.mask[rows, :width]
        with torch.autocast("cpu", torch.bfloat16):
            read = reader(reader.embed(part[0]), *part[1:])
        padding = (0, 0, 0, batch.ids.shape[1] - width)
        outputs = outputs.index_copy(0, rows, functional.pad(read.float(), padding))
    return outputs


def measure_groups(reader: Reader, groups: Sequence[Sequence[Window]], size: int = 16) -> float:
    """Return the share of groups whose best sentence answers, among groups with an answer."""
    answered = [group for group in groups if any(window.right for window in group)]
    rights = 0.0
    reader.eval()
    with torch.no_grad():
        for first in range(0, len(answered), size):
            batch = collate(answered[first : first + size])
            part = min(size, len(answered) - first)
            rights += part * measure_loss(run_batch(reader, batch), batch)[1]
    reader.train()
    return rights / max(len(answered), 1)


def train(
    reader: Reader,
    groups: Sequence[Sequence[Window]],
    *,
    epochs: int = 1,
    size: int = 16,
    rate: float = 1.5e-4,
    seed: int = 7,
    state: Path | None = None,
) -> Iterator[int]:
    """Train the reader; yield the number of steps after every 300 steps and at the end.

    `size` is the number of groups (questions) per step; `rate` is the highest learning rate. How
    far it got is written to the file `state`. If this file exists, training goes on from there; the
    groups and all else must be the same as before. Raises `ValueError` if the number of steps is
    not.
    """
    chance = random.Random(seed)
    decayed = [p for p in reader.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(decayed, lr=rate, weight_decay=0.01, fused=True)
    batches = [b for _ in range(epochs) for b in _order(groups, size, chance)]
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: (
            min(step / (0.06 * len(batches)), 1)
            * (0.02 + 0.98 * (1 + math.cos(math.pi * step / len(batches))) / 2)
        ),
    )
    reader.train()
    parts = {"reader": reader, "optimizer": optimizer, "schedule": schedule}
    done = 0
    if state is not None and state.exists():
        done = _load_state(state, parts, len(batches))
    began, losses, rights = time.monotonic(), [], []
    for step, numbers in enumerate(batches[done:], done + 1):
        batch = collate([groups[number] for number in numbers])
        loss, right = measure_loss(run_batch(reader, batch), batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(decayed, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
        rights.append(right)
        if step % 20 == 0:
            log.info(
                "step %d of %d, loss %.3f, rank 1 right %.3f, %.1f questions per second",
                step,
                len(batches),
                sum(losses[-100:]) / len(losses[-100:]),
                sum(rights[-100:]) / len(rights[-100:]),
                (step - done) * size / (time.monotonic() - began),
            )
        if state is not None and step % _KEPT_EVERY == 0:
            _save_state(state, parts, step, len(batches))
        if step % 300 == 0:
            yield step
    yield len(batches)


def _save_state(file: Path, parts: Mapping[str, Any], step: int, steps: int) -> None:
    """Write the state of a training; a file that is there stays whole until then."""
    written = file.with_suffix(".part")
    states = {name: part.state_dict() for name, part in parts.items()}
    torch.save({"step": step, "steps": steps, **states}, written)
    written.replace(file)


def _load_state(file: Path, parts: Mapping[str, Any], steps: int) -> int:
    """Load the state of a training, and return how many steps it had done."""
    kept = torch.load(file, weights_only=True)
    if kept["steps"] != steps:
        raise ValueError(f"{file} is of a training with {kept['steps']} steps, not {steps}")
    for name, part in parts.items():
        part.load_state_dict(kept[name])
    log.info("training goes on after step %d of %d", kept["step"], steps)
    return int(kept["step"])


def _order(groups: Sequence[Sequence[Window]], size: int, chance: random.Random) -> list[list[int]]:
    """Return batches of group numbers in random order. Groups in a batch have similar lengths."""
    numbers = [*range(len(groups))]
    chance.shuffle(numbers)
    pool = 32 * size
    batches = []
    for first in range(0, len(numbers), pool):
        part = sorted(
            numbers[first : first + pool],
            key=lambda number: max(len(window.tokens.ids) for window in groups[number]),
        )
        batches += [part[i : i + size] for i in range(0, len(part), size)]
    chance.shuffle(batches)
    return batches
