// What every part of the window does when it is loaded: clicks become events for Python.
let pressed = null;
element.addEventListener('pointerdown', (event) => { pressed = event.target.closest('button'); });
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  // A menu that closes when pressed lets the click through to what lies behind it.
  if (!button || (event.detail && pressed !== button)) return;
  const { turn, number, list, document: name, text } = button.dataset;
  if (button.matches('.fn-cite, .fn-source, .fn-step')) {
    trigger('cite', { turn: Number(turn), number: Number(number), list });
  } else if (button.matches('.fn-suggestion')) {
    trigger('suggest', { question: button.textContent });
  } else if (button.matches('.fn-document')) {
    trigger('read', { document: name });
  } else if (button.matches('.fn-close')) {
    trigger('dismiss');
  } else if (button.matches('.fn-edit')) {
    trigger('edit', { turn: Number(turn) });
    document.querySelector('#fn-question textarea').focus();
  } else if (button.matches('.fn-rate')) {
    trigger('rate', { turn: Number(turn), good: button.dataset.good === 'true' });
  } else if (button.matches('.fn-remove')) {
    trigger('remove', { document: name });
  } else if (button.matches('.fn-undo')) {
    trigger('undo', { document: name });
  } else if (button.matches('.fn-copy')) {
    copy(text).then(() => { button.textContent = 'Copied'; });
  } else if (button.matches('.fn-export')) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
    link.download = 'conversation.md';
    link.click();
    URL.revokeObjectURL(link.href);
  }
});
// The clipboard is only there on this machine or over TLS; elsewhere a selection does.
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
});
element.addEventListener('input', (event) => {
  if (!event.target.matches('.fn-filter')) return;
  const wanted = event.target.value.toLowerCase();
  for (const item of element.querySelectorAll('.fn-documents > li')) {
    item.hidden = !item.textContent.toLowerCase().includes(wanted);
  }
});
watch('value', () => {
  const cited = element.querySelector('mark.fn-cited');
  if (cited) cited.scrollIntoView({ block: 'center' });
  const log = element.closest('#fn-conversation');
  if (log && element.querySelector('.fn-log')) log.scrollTop = log.scrollHeight;
});
