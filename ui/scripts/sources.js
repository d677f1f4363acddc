// The list of documents. Python sends it as JSON (ui/views/lists.py). Only the rows in sight are in
// the page, so that thousands of documents scroll smoothly. The ticks say which documents are asked.
const AROUND = 8;  // rows above and below those in sight, so that the focus can move on
const STALE = 10_000;  // milliseconds after which the list is asked for again when the window gets the focus
const ROW = Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--fn-row'))
  * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
const [notices, picker, filter, every, scroll, list] = ['.fn-notices', '.fn-picker', '.fn-filter', '.fn-every', '.fn-scroll', '.fn-documents']
  .map((name) => element.querySelector(name));
const shown = new Map();  // path -> its row in the page
let told = { rows: [], say: {} };
let found = [];  // the rows that the search box finds
let choice = { everything: true, exceptions: new Set() };
let current = 0;  // the row that the Tab key reaches; arrow keys move it
let asked = Date.now();

const isTicked = (path) => choice.everything !== choice.exceptions.has(path);

function receive() {
  if (!props.value) return;
  told = JSON.parse(props.value);
  asked = Date.now();
  const focused = document.activeElement?.closest('#fn-documents li') && document.activeElement.dataset.part;
  notices.innerHTML = told.notes;  // escaped by its template
  picker.hidden = !told.rows.length;
  filter.placeholder = told.say.search;
  filter.ariaLabel = told.say.search_label;
  for (const row of shown.values()) row.remove();
  shown.clear();
  search();
  if (focused) focus(current, focused);
}

function search() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  found = told.rows.filter(({ title, place }) => {
    const text = `${title} ${place}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  current = Math.max(0, Math.min(current, found.length - 1));
  list.style.height = `${found.length * ROW}px`;
  draw();
  count();
}

// Puts the rows in sight into the page, in order, and takes the others out, except the one in use.
function draw() {
  const first = Math.max(0, Math.floor(scroll.scrollTop / ROW) - AROUND);
  const last = Math.min(found.length, Math.ceil((scroll.scrollTop + Math.max(scroll.clientHeight, 400)) / ROW) + AROUND);
  const wanted = new Set([current, ...Array.from({ length: last - first }, (_, at) => first + at)]);
  const paths = new Set([...wanted].map((at) => found[at]?.path));
  for (const [path, row] of shown) {
    if (paths.has(path)) continue;
    row.remove();
    shown.delete(path);
  }
  let before = null;
  for (const at of [...wanted].sort((one, other) => one - other)) {
    if (!found[at]) continue;
    const { path } = found[at];
    const row = shown.get(path) ?? make(found[at]);
    shown.set(path, row);
    row.style.top = `${at * ROW}px`;
    row.dataset.at = at;
    row.setAttribute('aria-posinset', at + 1);
    row.setAttribute('aria-setsize', found.length);
    for (const control of row.querySelectorAll('[data-part]')) control.tabIndex = at === current ? 0 : -1;
    row.querySelector('.fn-tick').checked = isTicked(path);
    const next = before ? before.nextSibling : list.firstChild;
    if (next !== row) list.insertBefore(row, next);
    before = row;
  }
}

function make({ path, title, place, badge, remark }) {
  const row = document.createElement('li');
  const tick = Object.assign(document.createElement('input'), { type: 'checkbox', className: 'fn-tick', ariaLabel: title });
  const open = Object.assign(document.createElement('button'), { type: 'button', className: 'fn-document', title: remark || `${title}\n${place}` });
  const remove = Object.assign(document.createElement('button'), {
    type: 'button', className: 'fn-small fn-remove', textContent: '\u00d7', ariaLabel: told.say.remove.replace('{title}', () => title),
  });
  const add = (tag, text, name) => open.append(Object.assign(document.createElement(tag), { textContent: text, className: name }));
  add('b', title, '');
  if (badge) add('span', badge, 'fn-badge');
  add('span', remark || place, 'fn-place');
  for (const [part, control] of Object.entries({ tick, open, remove })) {
    control.dataset.part = part;
    control.dataset.document = path;
  }
  row.append(tick, open, remove);
  return row;
}

function count() {
  const ticked = found.filter(({ path }) => isTicked(path)).length;
  const [box, label] = every.children;
  box.checked = ticked === found.length && ticked > 0;
  box.indeterminate = ticked > 0 && ticked < found.length;
  label.textContent = (told.say.ticked ?? '').replace('{ticked}', ticked).replace('{count}', found.length);
}

function focus(at, part) {
  if (!found[at]) return filter.focus();
  current = at;
  const above = at * ROW;
  if (above < scroll.scrollTop) scroll.scrollTop = above;
  if (above + ROW > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = above + ROW - scroll.clientHeight;
  draw();
  shown.get(found[at].path).querySelector(`[data-part=${part}]`).focus({ preventScroll: true });
}

function tick(paths, on) {
  for (const path of paths) {
    if (choice.everything === on) choice.exceptions.delete(path); else choice.exceptions.add(path);
  }
  send();
}
function send() {
  const detail = JSON.stringify({ everything: choice.everything, exceptions: [...choice.exceptions] });
  window.dispatchEvent(new CustomEvent('fn-choose', { detail }));
  draw();
  count();
}

element.addEventListener('change', ({ target }) => {
  if (!target.matches('.fn-tick')) return;
  if (target.dataset.document !== undefined) return tick([target.dataset.document], target.checked);
  if (found.length < told.rows.length) return tick(found.map(({ path }) => path), target.checked);
  choice = { everything: target.checked, exceptions: new Set() };
  send();
});
element.addEventListener('input', ({ target }) => {
  if (target !== filter) return;
  scroll.scrollTop = 0;
  current = 0;
  search();
});
list.addEventListener('focusin', ({ target }) => {
  const at = Number(target.closest('li').dataset.at);
  if (at === current) return;
  current = at;
  draw();
});
list.addEventListener('keydown', (event) => {
  const page = Math.max(1, Math.floor(scroll.clientHeight / ROW) - 1);
  const to = { ArrowDown: current + 1, ArrowUp: current - 1, PageDown: current + page, PageUp: current - page, Home: 0, End: found.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  focus(Math.max(0, Math.min(to, found.length - 1)), event.target.dataset.part);
});
scroll.addEventListener('scroll', draw);
new ResizeObserver(draw).observe(scroll);
window.addEventListener('fn-chosen', ({ detail }) => {
  const { everything, exceptions } = JSON.parse(detail);
  choice = { everything, exceptions: new Set(exceptions) };
  draw();
  count();
});
// Files may have changed while another window was in use.
window.addEventListener('focus', () => {
  if (Date.now() - asked < STALE) return;
  asked = Date.now();
  trigger('refresh');
});
watch('value', receive);
receive();
