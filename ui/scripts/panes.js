// The three panes: they are resized at their separators, by dragging and with the keyboard, and
// folded with the buttons of the header. Sizes are remembered in the browser. On a narrow screen
// the left pane is a sheet over the conversation; the reader is one while it shows a document.
const KEPT = 'footnote-panes';
const MIDDLE = 360;  // pixels that are left to the conversation
const STEP = 24;  // pixels of an arrow key
const PANES = {
  sources: { least: 220, most: 560, start: 320, side: 1 },  // dragged to the right, it grows
  reader: { least: 300, most: 1100, start: 432, side: -1 },
};
const frame = document.querySelector('#fn-columns');
const narrow = matchMedia('(max-width: 800px)');
const sizes = new CSSStyleSheet();
document.adoptedStyleSheets.push(sizes);
const state = recall();

function recall() {
  let kept;
  try {
    kept = JSON.parse(localStorage.getItem(KEPT));
  } catch {
    // Storage is switched off, or holds something else.
  }
  const restored = {};
  for (const [name, pane] of Object.entries(PANES)) {
    const { size, folded } = kept?.[name] ?? {};
    restored[name] = { size: Number.isFinite(size) ? size : pane.start, folded: folded === true };
  }
  return restored;
}

function find(name) {
  return {
    pane: document.querySelector(`#fn-${name}-pane`),
    button: document.querySelector(`#fn-fold-${name}`),
    split: document.querySelector(`#fn-split-${name} .fn-split`),
  };
}

function measure(name) {
  const other = name === 'sources' ? 'reader' : 'sources';
  const taken = state[other].folded ? 0 : state[other].size;
  const { least } = PANES[name];
  const most = Math.max(least, Math.min(PANES[name].most, innerWidth - taken - MIDDLE));
  return { least, most, size: Math.round(Math.min(Math.max(state[name].size, least), most)) };
}

function show() {
  const folded = Object.keys(PANES).filter((name) => state[name].folded);
  frame.dataset.folded = folded.join(' ');
  const widths = [];
  for (const name of Object.keys(PANES)) {
    const { least, most, size } = measure(name);
    widths.push(`--fn-${name}: ${size}px`);
    const { split, button } = find(name);
    for (const [key, value] of Object.entries({ valuemin: least, valuemax: most, valuenow: size })) {
      split?.setAttribute(`aria-${key}`, value);
    }
    const open = narrow.matches ? frame.dataset.sheet === name : !state[name].folded;
    button?.setAttribute('aria-expanded', open);
    button?.setAttribute('aria-controls', `fn-${name}-pane`);
  }
  sizes.replaceSync(`:root { ${widths.join('; ')} }`);
  return Object.keys(PANES).every((name) => Object.values(find(name)).every(Boolean));
}

function keep() {
  try {
    localStorage.setItem(KEPT, JSON.stringify(state));
  } catch {
    // Storage is full or switched off: the sizes last as long as the page.
  }
}

function resize(name, size) {
  const { least, most } = measure(name);
  state[name].size = Math.min(Math.max(size, least), most);
  show();
}

function fold(name, folded) {
  if (state[name].folded === folded) return;
  state[name].folded = folded;
  show();
  keep();
}

// Gradio builds the page in steps: the separators and buttons may not be there yet.
const nameOf = (target, part) => Object.keys(PANES).find((name) => target.closest?.(`#fn-${part}-${name}`));

document.addEventListener('click', ({ target }) => {
  const name = nameOf(target, 'fold');
  if (!name) return;
  if (narrow.matches) toggleSheet(frame.dataset.sheet ? '' : name); else fold(name, !state[name].folded);
});
document.addEventListener('pointerdown', (event) => {
  const name = nameOf(event.target, 'split');
  if (!name) return;
  const { split } = find(name);
  split.setPointerCapture(event.pointerId);
  frame.dataset.dragged = name;
  const from = event.clientX;
  const { size } = measure(name);
  const move = (moved) => resize(name, size + PANES[name].side * (moved.clientX - from));
  split.addEventListener('pointermove', move);
  split.addEventListener('lostpointercapture', () => {
    split.removeEventListener('pointermove', move);
    delete frame.dataset.dragged;
    keep();
  }, { once: true });
});
document.addEventListener('keydown', (event) => {
  const name = nameOf(event.target, 'split');
  if (!name) return;
  const { least, most, size } = measure(name);
  const step = STEP * PANES[name].side;
  const to = { ArrowRight: size + step, ArrowLeft: size - step, Home: least, End: most }[event.key];
  if (event.key === 'Enter') {
    event.preventDefault();  // it would press the button that gets the focus
    fold(name, true);
    find(name).button.focus();
  } else if (to !== undefined) {
    event.preventDefault();
    resize(name, to);
    keep();
  }
});
document.addEventListener('dblclick', ({ target }) => {
  const name = nameOf(target, 'split');
  if (!name) return;
  resize(name, PANES[name].start);
  keep();
});

// The sheet of the left pane. "back" closes it, as it closes the reader's.
function toggleSheet(name) {
  if (name) history.pushState({ sheet: true }, '');
  else if (history.state?.sheet) return history.back();
  openSheet(name);
}
function openSheet(name) {
  const { pane, button } = find('sources');
  const before = frame.dataset.sheet ?? '';
  frame.dataset.sheet = name;
  document.querySelector('.fn-main').inert = Boolean(name);
  if (name) {
    pane.tabIndex = -1;
    pane.focus();
  } else if (before) {
    button.focus();
  }
  show();
}
window.addEventListener('popstate', () => { if (frame.dataset.sheet) openSheet(''); });
window.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && frame.dataset.sheet) toggleSheet('');
});
// Other scripts ask for a pane: the reader when a document was opened, the left one when files come.
window.addEventListener('fn-unfold', ({ detail: name }) => {
  if (!narrow.matches) return fold(name, false);
  if (name === 'reader') openSheet(''); else if (!frame.dataset.sheet) toggleSheet(name);
});
narrow.addEventListener('change', () => openSheet(''));
window.addEventListener('resize', show);
const begin = () => { if (!show()) requestAnimationFrame(begin); };
begin();
