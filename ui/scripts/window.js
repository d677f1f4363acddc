// Runs once for each HTML component (`element`). It sends clicks to Python as events (`trigger`).
let pressed = null;
let steps = 0;  // numbers the requests whose responses may arrive late
element.addEventListener('pointerdown', (event) => { pressed = event.target.closest('button'); });
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  // A menu that closes on pointerdown passes the click to the element behind it: ignore this click.
  if (!button || (event.detail && pressed !== button)) return;
  const { turn, number, list, document: name, text, chat } = button.dataset;
  if (button.matches('.fn-cite, .fn-source, .fn-step')) {
    trigger('cite', { turn: Number(turn), number: Number(number), list });
  } else if (button.matches('.fn-suggestion')) {
    trigger('suggest', { question: button.textContent });
  } else if (button.matches('.fn-chat')) {
    trigger('open', { chat });
  } else if (button.matches('.fn-document')) {
    trigger('read', { document: name });
  } else if (button.matches('.fn-close')) {
    if (history.state?.sheet) history.back(); else trigger('dismiss');
  } else if (button.matches('.fn-rename')) {
    const box = button.parentElement.querySelector('.fn-title-box');
    box.hidden = !box.hidden;
    if (!box.hidden) box.select();
  } else if (button.matches('.fn-forget')) {
    if (button.textContent === button.dataset.sure) trigger('forget', { chat });
    else {
      button.textContent = button.dataset.sure;
      button.ariaLabel = `${button.dataset.sure} ${button.ariaLabel}`;
    }
  } else if (button.matches('.fn-edit')) {
    trigger('edit', { turn: Number(turn) });
    document.querySelector('#fn-question textarea').focus();
  } else if (button.matches('.fn-leave')) {
    trigger('leave');
  } else if (button.matches('.fn-all')) {
    trigger('everything');
  } else if (button.matches('.fn-rate')) {
    trigger('rate', { turn: Number(turn), good: button.dataset.good === 'true' });
  } else if (button.matches('.fn-remove')) {
    trigger('remove', { document: name });
  } else if (button.matches('.fn-undo')) {
    trigger('undo', { document: name });
  } else if (button.matches('.fn-again')) {
    trigger('again');
  } else if (button.matches('.fn-leave-examples')) {
    trigger('leave_examples');
  } else if (button.matches('.fn-copy')) {
    copy(text).then(() => { button.textContent = button.dataset.done; });
  } else if (button.matches('.fn-link')) {
    const link = location.origin + location.pathname + button.dataset.link;
    copy(link).then(() => { button.textContent = button.dataset.done; });
  } else if (button.matches('.fn-export')) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
    link.download = 'conversation.md';
    link.click();
    URL.revokeObjectURL(link.href);
  }
});
// Browsers offer the clipboard API only on localhost or over TLS; otherwise copy a selection.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
element.addEventListener('keydown', (event) => {
  const box = event.target;
  if (event.key === 'Enter' && box.matches('.fn-comment') && box.value.trim()) {
    trigger('comment', { turn: Number(box.dataset.turn), text: box.value });
  }
  if (!box.matches('.fn-title-box')) return;
  if (event.key === 'Enter') trigger('rename', { chat: box.dataset.chat, title: box.value });
  if (event.key === 'Escape') box.hidden = true;
});
// Moves the tooltip of a citation number so that it stays inside the conversation: sideways, and
// below the number if there is more space than above.
for (const shown of ['mouseover', 'focusin']) {
  element.addEventListener(shown, (event) => {
    const chip = event.target.closest('.fn-chip');
    const tip = chip?.querySelector('.fn-tip');
    if (!tip || event.target.closest('.fn-tip')) return;
    const edges = element.closest('#fn-conversation').getBoundingClientRect();
    const place = chip.getBoundingClientRect();
    const above = place.top - edges.top;
    const below = edges.bottom - place.bottom;
    tip.classList.toggle('fn-below', below > above);
    tip.style.maxHeight = `${Math.max(above, below) - 16}px`;
    tip.style.marginLeft = '';
    const { left, right } = tip.getBoundingClientRect();
    const shift = Math.max(edges.left - left, 0) || Math.min(edges.right - right, 0);
    tip.style.marginLeft = `${shift}px`;
  });
}
// On a narrow screen the source is a sheet over the conversation; "back" closes the sheet.
const narrow = matchMedia('(max-width: 800px)');
// Scrolls to what a chat model wrote when it is unfolded.
element.addEventListener('toggle', (event) => {
  if (event.target.open && event.target.matches('.fn-written')) {
    event.target.scrollIntoView({ block: 'nearest' });
  }
}, true);
watch('value', () => {
  if (element.querySelector('.fn-text')) {
    window.dispatchEvent(new CustomEvent('fn-unfold', { detail: 'reader' }));
    if (narrow.matches && !history.state?.sheet) history.pushState({ sheet: true }, '');
  }
  if (element.closest('#fn-conversation')) showConversation();
  if (element.closest('#fn-conversation, #fn-chats')) nameTab();
});
// The browser's tab is named after the conversation: by its name in the list, or its first question.
function nameTab() {
  const log = document.querySelector('.fn-log');
  const listed = document.querySelector('#fn-chats .fn-chat[aria-current]');
  const named = log && listed?.dataset.chat === log.dataset.chat ? listed.querySelector('b') : log?.querySelector('.fn-question');
  document.title = named ? `${named.textContent} \u00b7 Footnote` : 'Footnote';
}
// The URL contains the conversation's key, so that a reload, another tab and "back" can open it.
function showConversation() {
  const log = element.querySelector('.fn-log');
  const address = new URL(location.href);
  const before = address.searchParams.get('chat') ?? '';
  const shown = log?.dataset.chat ?? '';
  const wanted = address.searchParams.get('answer');
  if (log && !shown) return scrollTo(log, null);
  if (opening) {
    if (element.querySelector('[data-step]')?.dataset.step !== opening.step) return;
    const reached = opening.chat === before;
    opening = null;
    if (!reached) return open(before);  // the user went to another one meanwhile
  }
  if (shown !== before) {
    address.searchParams.delete('answer');
    if (shown) address.searchParams.set('chat', shown); else address.searchParams.delete('chat');
    history.pushState(null, '', address);
  }
  if (log?.dataset.found) linked = null;  // the same answer may be found twice
  if (log) scrollTo(log, log.dataset.found || (shown === before ? wanted : null));
}
// "back" and "forward" open one conversation at a time, because two responses may arrive in the
// wrong order.
const GIVEN_UP = 5000;  // milliseconds to wait for a response
let opening = null;
function open(chat) {
  opening = { chat, step: String(++steps), since: Date.now() };
  trigger('open', { chat, step: opening.step });
}
let linked = null;
function scrollTo(log, answer) {
  const wanted = answer && answer !== linked && log.querySelector(`[data-answer="${CSS.escape(answer)}"]`);
  if (wanted) {
    linked = answer;
    wanted.classList.add('fn-linked');
    wanted.scrollIntoView({ block: 'start' });
  } else {
    const box = log.closest('#fn-conversation');
    box.scrollTop = box.scrollHeight;
  }
}
if (element.closest('#fn-conversation')) {
  window.addEventListener('popstate', () => {
    const chat = new URL(location.href).searchParams.get('chat') ?? '';
    if (opening && Date.now() - opening.since < GIVEN_UP) return;  // showConversation handles it later
    if (opening || chat !== (element.querySelector('.fn-log')?.dataset.chat ?? '')) open(chat);
  });
}
if (element.closest('#fn-source')) {
  window.addEventListener('popstate', () => {
    if (element.querySelector('.fn-text') && !history.state?.sheet) trigger('dismiss');
  });
}
// If the conversation is scrolled to its end, it stays there when its box becomes smaller.
if (element.closest('#fn-conversation')) {
  const box = element.closest('#fn-conversation');
  let atEnd = true;
  box.addEventListener('scroll', () => {
    atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 4;
  });
  new ResizeObserver(() => { if (atEnd) box.scrollTop = box.scrollHeight; }).observe(box);
}
// Escape in the question box cancels the edit of a question.
if (element.closest('#fn-conversation')) {
  window.addEventListener('keydown', (event) => {
    const inBox = event.target.closest?.('#fn-question');
    if (event.key === 'Escape' && inBox && element.querySelector('.fn-leave')) trigger('leave');
  });
}
