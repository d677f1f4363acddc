// Notes, exported files, the search over conversations, overviews, and the page for administrators.
const TYPING = 250;  // milliseconds without a key before a search begins
let requests = 0;
let typing = 0;
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  const { turn, list, number, kind, chat, answer } = button.dataset;
  const note = button.closest('.fn-note')?.dataset.note;
  if (button.matches('.fn-pin')) {
    trigger('pin', { turn: Number(turn), list, number: number && Number(number) });
  } else if (button.matches('.fn-save')) {
    requests += 1;
    trigger('save', { kind, step: `${Date.now()} ${requests}` });
  } else if (button.matches('.fn-hit')) {
    trigger('open', { chat, answer });
  } else if (note && button.matches('.fn-cite, .fn-source')) {
    trigger('cite', { note, number: Number(number ?? button.textContent) });
  } else if (button.matches('.fn-make-case')) {
    const [question, answer, evidence] = ['question', 'answer', 'evidence'].map(
      (name) => button.closest('.fn-case').querySelector(`.fn-case-${name}`).value);
    trigger('evaluate', { question, answer, evidence });
  } else if (button.matches('.fn-unpin')) {
    if (button.textContent === button.dataset.sure) trigger('forget', { note });
    else {
      button.textContent = button.dataset.sure;
      button.ariaLabel = `${button.dataset.sure} ${button.ariaLabel}`;
    }
  }
});
element.addEventListener('input', (event) => {
  if (!event.target.matches('.fn-find-chats')) return;
  clearTimeout(typing);
  typing = setTimeout(() => trigger('find', { text: event.target.value }), TYPING);
});
element.addEventListener('change', (event) => {
  if (!event.target.matches('.fn-remark')) return;
  trigger('remark', { note: event.target.closest('.fn-note').dataset.note, text: event.target.value });
});
// The overview of a document arrives in a hidden component. It is shown in the reader, below the
// title, as long as the reader shows this document; folded where a sentence is cited. Gradio
// patches the reader's HTML: the overview of what was opened before may still be there.
if (element.closest('#fn-overview')) {
  const reader = document.querySelector('#fn-source');
  const show = () => {
    const made = element.querySelector('.fn-overview');
    const title = reader.querySelector('.fn-title');
    if (!made || title?.querySelector('h2')?.textContent !== made.dataset.title) return;
    const { opened, layout } = reader.querySelector('.fn-reader').dataset;
    const old = reader.querySelector('.fn-overview');
    const same = old?.dataset.opened === opened;
    if (same && old.innerHTML === made.innerHTML) return;
    const shown = made.cloneNode(true);
    shown.dataset.opened = opened;
    shown.open = same ? old.open : JSON.parse(layout).at === null;
    shown.addEventListener('click', (event) => {
      const button = event.target.closest('.fn-quote');
      if (!button) return;
      event.stopPropagation();
      if (button.matches('.fn-asks')) {
        trigger('suggest', { question: button.textContent });
        // On a phone the reader is a sheet over the conversation: close it, so that the answer is seen.
        if (matchMedia('(max-width: 800px)').matches) reader.querySelector('.fn-close').click();
      } else trigger('cite', { title: made.dataset.title, number: Number(button.dataset.number) });
    });
    old?.remove();
    title.after(shown);
  };
  watch('value', show);
  new MutationObserver(show).observe(reader, { childList: true, subtree: true, attributeFilter: ['data-opened'] });
}
// A file arrives in a hidden component, as text.
if (element.closest('#fn-file')) {
  watch('value', () => {
    const file = element.querySelector('.fn-file');
    if (!file) return;
    const { name, type, content } = file.dataset;
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
