// The reader: the document that is open. It runs for the component of the source.
// A document is a column of items: printed pages, or portions of its text. Only the items near what
// is seen have content; the others keep its height. The server sends an item when it is needed.
const NEARBY = 1500;  // pixels above and below the visible part in which items have content
const AT_ONCE = 3;  // requests
const TYPING = 250;  // milliseconds without a key, after which a search begins
const KEPT_VIEW = 'footnote-reader';
const TICKS = 400;  // places along the scroll bar at which hits are drawn

class Reader {
  constructor(root) {
    this.root = root;
    this.text = root.querySelector('.fn-text');
    this.rail = root.querySelector('.fn-rail');
    this.layout = JSON.parse(root.dataset.layout);
    this.hits = [];
    this.hit = -1;
    this.query = '';
    this.waiting = [];
    this.running = 0;
    this.gone = new AbortController();
    this.near = new IntersectionObserver((entries) => this.look(entries), { root: this.text, rootMargin: `${NEARBY}px 0px` });
    this.sizes = new ResizeObserver(() => this.resized());
    const printed = Boolean(this.layout.printed) && recallView() !== 'text';
    const first = this.text.querySelector('.fn-item');
    const same = printed === Boolean(this.layout.printed);
    this.build(printed, same ? { html: first.innerHTML, number: Number(first.dataset.item) } : null);
    this.root.querySelector('.fn-find-box').value = '';
    this.text.addEventListener('scroll', () => this.scrolled(), { signal: this.gone.signal });
    this.sizes.observe(this.text);
  }

  close() {
    this.gone.abort();
    this.near.disconnect();
    this.sizes.disconnect();
  }

  // Lays out all items. `given` is the one that came with the reader.
  build(printed, given) {
    this.printed = Boolean(printed);
    this.near.disconnect();
    this.waiting = [];
    this.items = this.printed ? this.listSheets() : this.listPortions();
    const nodes = this.items.map((item) => item.node);
    this.text.replaceChildren(...nodes);
    this.root.querySelector('.fn-as-text')?.setAttribute('aria-pressed', String(!this.printed));
    if (given && this.items[given.number]) this.fill(this.items[given.number], given.html);
    for (const item of this.items) this.near.observe(item.node);
  }

  listSheets() {
    const [count, ratio] = this.layout.printed;
    const starts = new Map(this.layout.pages);
    let start = 0;
    const items = Array.from({ length: count }, (_, index) => {
      start = starts.get(index + 1) ?? start;
      const node = makeItem(index, 'fn-paper');
      node.style.aspectRatio = ratio;
      return { node, start, path: 'sheet', fields: { page: index + 1 } };
    });
    return this.bound(items);
  }

  listPortions() {
    const { portions, blocks } = this.layout;
    const items = portions.map(([first, start], index) => {
      const last = portions[index + 1]?.[0] ?? blocks;
      return { node: makeItem(index, 'fn-portion'), start, path: 'text', fields: { first, last } };
    });
    this.bound(items);
    for (const item of items) item.node.style.height = `${guessHeight(item, this.text.clientWidth)}px`;
    return items;
  }

  // Each item ends where the next one starts.
  bound(items) {
    for (const [index, item] of items.entries()) item.end = items[index + 1]?.start ?? this.layout.length;
    return items;
  }

  look(entries) {
    for (const { target, isIntersecting } of entries) {
      const item = this.items[Number(target.dataset.item)];
      if (item?.node !== target) continue;
      item.near = isIntersecting;
      if (isIntersecting && !item.full) this.want(item);
      else if (!isIntersecting && item.full) this.empty(item);
    }
  }

  // Loads an item soon: the last one that was wanted comes first. An item that is on its way is not
  // loaded a second time: its text would be exchanged while it is read.
  want(item) {
    item.done ??= new Promise((resolve) => { item.resolve = resolve; });
    if (item.loading === this.query) return item.done;
    this.waiting = this.waiting.filter((other) => other !== item && (other.near || other.held));
    this.waiting.push(item);
    this.loadNext();
    return item.done;
  }

  async loadNext() {
    if (this.running >= AT_ONCE || !this.waiting.length) return;
    this.running += 1;
    const item = this.waiting.pop();
    const { query } = this;
    item.loading = query;
    const html = await this.fetchItem(item);
    this.running -= 1;
    if (item.loading === query) item.loading = undefined;
    if (html !== null && this.items.includes(item)) this.fill(item, html);
    item.resolve?.();
    item.done = item.resolve = undefined;
    this.loadNext();
  }

  async fetchItem(item) {
    const marks = this.layout.marks.filter(([start, end]) => start < item.end && end > item.start);
    const fields = { ...item.fields, marks: marks.map((mark) => mark.join('-')).join(','), query: this.query };
    const response = await this.request(item.path, fields);
    return response ? response.text() : null;
  }

  // Returns a response, or null if the document has changed, or was closed meanwhile.
  async request(path, fields) {
    const { document: name, version } = this.layout;
    try {
      const query = new URLSearchParams({ document: name, version, ...fields });
      const response = await fetch(`reader/${path}?${query}`, { signal: this.gone.signal });
      if (response.status === 409) this.root.querySelector('.fn-moved').hidden = false;
      return response.ok ? response : null;
    } catch {
      return null;
    }
  }

  // Puts content into an item. What is being read stays where it is.
  fill(item, html) {
    const { node } = item;
    const before = node.offsetHeight;
    const above = node.offsetTop < this.text.scrollTop;
    const { atEnd } = this;
    node.innerHTML = html;
    node.style.height = '';
    item.full = true;
    const sheet = node.querySelector('.fn-sheet');
    if (sheet) {
      node.style.aspectRatio = sheet.dataset.width / sheet.dataset.height;
      placeText(sheet);
    }
    if (atEnd) this.text.scrollTop = this.text.scrollHeight;
    else if (above) this.text.scrollTop += node.offsetHeight - before;
    this.pointOut();
    this.drawRail();
  }

  empty(item) {
    const { node } = item;
    const selection = document.getSelection();
    if (node.contains(document.activeElement) || (!selection.isCollapsed && selection.intersectsNode(node))) return;
    if (!this.printed) node.style.height = `${node.offsetHeight}px`;
    node.replaceChildren();
    item.full = false;
  }

  find(offset) {
    let low = 0;
    let high = this.items.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.items[middle].start <= offset) low = middle; else high = middle - 1;
    }
    return this.items[low];
  }

  // Scrolls to an offset of the document's text.
  async go(offset, block = 'center') {
    const item = this.find(offset);
    if (!item) return;
    const turn = this.turn = {};
    if (!item.full) {
      this.text.scrollTop = item.node.offsetTop + item.node.offsetHeight * part(item, offset);
      item.held = true;
      await this.want(item);
      item.held = false;
    }
    if (turn !== this.turn) return;  // another place was chosen meanwhile
    placeAt(item, offset).scrollIntoView({ block });
    this.pointOut();
    this.scrolled();
  }

  get atEnd() {
    return this.text.scrollTop > 0 && this.text.scrollHeight - this.text.scrollTop - this.text.clientHeight < 4;
  }

  // Whether the text at an offset is in view.
  shows(offset) {
    const item = this.find(offset);
    const view = this.text.getBoundingClientRect();
    const { top, bottom } = placeAt(item, offset).getBoundingClientRect();
    return item.full && bottom > view.top && top < view.bottom;
  }

  // The offset of the text that is seen in the upper third.
  get offset() {
    const item = this.visible;
    if (!item) return 0;
    const into = (this.text.scrollTop + this.text.clientHeight / 3 - item.node.offsetTop) / item.node.offsetHeight;
    return Math.round(item.start + Math.min(Math.max(into, 0), 1) * Math.max(item.end - item.start - 1, 0));
  }

  get visible() {
    return this.itemAt(this.text.scrollTop + this.text.clientHeight / 3);
  }

  // The offset of the first text in view: what is above it has been read.
  get top() {
    const item = this.itemAt(this.text.scrollTop);
    if (!item) return 0;
    if (!item.full) return item.start;
    const edge = this.text.getBoundingClientRect().top + 1;
    const places = [...item.node.querySelectorAll('[data-at]')];
    const place = places.find((place) => place.getBoundingClientRect().bottom > edge);
    return place ? Number(place.dataset.at) : item.end;
  }

  itemAt(line) {
    let low = 0;
    let high = this.items.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.items[middle].node.offsetTop <= line) low = middle; else high = middle - 1;
    }
    return this.items[low];
  }

  get page() {
    const item = this.visible;
    if (this.printed) return item.fields.page;
    const { offset } = this;
    return this.layout.pages.filter(([, start]) => start <= offset).at(-1)?.[0] ?? 1;
  }

  goToPage(number) {
    if (!this.printed) {
      const page = this.layout.pages.filter(([page]) => page <= number).at(-1);
      return this.go(page?.[1] ?? 0, 'start');
    }
    this.turn = {};
    const item = this.items[Math.min(Math.max(number, 1), this.items.length) - 1];
    this.text.scrollTop = item.node.offsetTop;
  }

  scrolled() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.remember();
      const box = this.root.querySelector('.fn-page-box');
      if (box && box !== document.activeElement && this.items.length) box.value = this.page;
    });
  }

  // What is read stays in place when the width changes, and with it the height of all items.
  remember() {
    const item = this.visible;
    if (!item) return;
    const line = this.text.scrollTop + this.text.clientHeight / 3;
    this.place = { item, into: (line - item.node.offsetTop) / Math.max(item.node.offsetHeight, 1) };
  }

  // The tab of the source may be opened only after its text has arrived: then sizes are known now.
  resized() {
    if (!this.text.clientWidth) return;
    if (!this.shown) {
      this.shown = true;
      for (const sheet of this.text.querySelectorAll('.fn-sheet')) placeText(sheet);
      if (!this.printed) for (const item of this.items) if (!item.full) item.node.style.height = `${guessHeight(item, this.text.clientWidth)}px`;
      if (this.layout.at !== null) this.go(this.layout.at);
      this.scrolled();
    } else if (this.width !== this.text.clientWidth && this.items.includes(this.place?.item)) {
      const { item, into } = this.place;
      this.text.scrollTop = item.node.offsetTop + into * item.node.offsetHeight - this.text.clientHeight / 3;
    }
    this.width = this.text.clientWidth;
    this.drawRail();
  }

  // Marks along the scroll bar: buttons for cited places, lines for hits.
  drawRail() {
    this.drawing ??= requestAnimationFrame(() => {
      this.drawing = undefined;
      const height = this.text.scrollHeight;
      const places = this.layout.labels.map(([start, , label]) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'fn-rail-mark';
        button.dataset.start = start;
        button.ariaLabel = button.title = label;
        button.style.top = `${this.measure(start, height)}%`;
        return button;
      });
      const lines = new Set(this.hits.map((hit) => Math.round(this.measure(hit, height) * TICKS / 100)));
      const ticks = [...lines].map((line) => {
        const tick = document.createElement('i');
        tick.style.top = `${line * 100 / TICKS}%`;
        return tick;
      });
      const chosen = this.rail.contains(document.activeElement) && document.activeElement.dataset.start;
      this.rail.replaceChildren(...ticks, ...places);
      if (chosen) this.rail.querySelector(`[data-start="${chosen}"]`)?.focus({ preventScroll: true });
    });
  }

  // How far down an offset is, in percent.
  measure(offset, height) {
    const item = this.find(offset);
    if (!item || !height) return 0;
    return 100 * (item.node.offsetTop + item.node.offsetHeight * part(item, offset)) / height;
  }

  async search(query) {
    const turn = this.searching = {};
    const response = query && await this.request('find', { query });
    if (turn !== this.searching) return;
    const { hits, more } = response ? await response.json() : { hits: [], more: false };
    if (turn !== this.searching) return;
    const { top } = this;
    this.query = query;
    this.hits = hits;
    this.more = more;
    this.hit = hits.length ? Math.max(hits.findIndex((hit) => hit >= top), 0) : -1;
    for (const item of this.items) {
      if (item.full && (item.node.querySelector('.fn-found') || hits.some((hit) => hit >= item.start && hit < item.end))) {
        item.full = false;
        this.want(item);
      }
    }
    for (const button of this.root.querySelectorAll('.fn-find-step')) button.disabled = !hits.length;
    this.tellHits();
    this.drawRail();
    if (this.hit >= 0) this.go(hits[this.hit]);
  }

  step(by) {
    if (!this.hits.length) return;
    this.hit = (this.hit + by + this.hits.length) % this.hits.length;
    this.tellHits();
    this.go(this.hits[this.hit]);
  }

  tellHits() {
    const told = this.root.querySelector('.fn-found-count');
    const count = `${this.hits.length}${this.more ? '+' : ''}`;
    if (!this.query) told.textContent = '';
    else if (!this.hits.length) told.textContent = told.dataset.none;
    else told.textContent = told.dataset.count.replace('#', this.hit + 1).replace('%', count);
  }

  // Emphasises the hit that was stepped to.
  pointOut() {
    for (const mark of this.text.querySelectorAll('.fn-here')) mark.classList.remove('fn-here');
    const here = this.hits[this.hit];
    this.text.querySelector(`mark.fn-found[data-at="${here}"]`)?.classList.add('fn-here');
  }

  async toggleOutline(open) {
    const nav = this.root.querySelector('.fn-outline');
    const button = this.root.querySelector('.fn-show-outline');
    nav.hidden = !open;
    button.ariaExpanded = String(open);
    if (!open) return;
    if (!this.outline) {
      this.outline = true;
      const response = await this.request('outline', {});
      if (response) nav.innerHTML = await response.text();
    }
    const headings = [...nav.querySelectorAll('.fn-heading')];
    for (const heading of headings) heading.removeAttribute('aria-current');
    const { top } = this;
    // A heading near the end cannot be scrolled to the top: there the one that was chosen is read.
    const chosen = this.atEnd && headings.find((heading) => heading === this.heading && this.shows(Number(heading.dataset.start)));
    const current = chosen || (headings.filter((heading) => Number(heading.dataset.start) <= top).at(-1) ?? headings[0]);
    current?.setAttribute('aria-current', 'true');
    current?.scrollIntoView({ block: 'nearest' });
    current?.focus({ preventScroll: true });
  }

  switchView() {
    const { offset } = this;
    this.build(!this.printed, null);
    keepView(this.printed ? 'printed' : 'text');
    this.drawRail();
    this.go(offset, 'start');
  }
}

// Storage may be switched off: then each document opens as printed pages.
function recallView() {
  try {
    return localStorage.getItem(KEPT_VIEW);
  } catch {
    return null;
  }
}

function keepView(view) {
  try {
    localStorage.setItem(KEPT_VIEW, view);
  } catch {
    // The view lasts as long as the page.
  }
}

function makeItem(number, kind) {
  const node = document.createElement('div');
  node.className = `fn-item ${kind}`;
  node.dataset.item = number;
  return node;
}

// The element of an item that has the text at an offset.
function placeAt(item, offset) {
  const places = [...item.node.querySelectorAll('[data-at]')];
  const exact = places.filter((place) => Number(place.dataset.at) === offset);
  const before = places.filter((place) => Number(place.dataset.at) < offset);
  return exact.at(-1) ?? before.at(-1) ?? item.node;
}

// How far into an item an offset is, from 0 to 1.
function part(item, offset) {
  return Math.min(Math.max((offset - item.start) / Math.max(item.end - item.start, 1), 0), 1);
}

// The height of text is guessed from its length; about 0.5 em by 1.6 em are one letter.
function guessHeight(item, width) {
  return Math.max(24, (item.end - item.start) * 7.5 * 26 / Math.max(width, 200));
}

// Puts the text of a printed page over its picture: each piece as wide as it is printed.
function placeText(sheet) {
  const pieces = [...sheet.querySelectorAll('[data-box]')];
  if (!sheet.offsetWidth) return;
  const boxes = pieces.map((piece) => piece.dataset.box.split(' ').map(Number));
  for (const [index, piece] of pieces.entries()) {
    const [left, top, , bottom] = boxes[index];
    piece.style.cssText = `left: ${left}%; top: ${top}%; height: ${bottom - top}%; font-size: ${(bottom - top) * 0.8}cqh; line-height: ${bottom - top}cqh`;
    piece.dataset.after ??= piece.textContent.slice(piece.textContent.trimEnd().length);
    piece.textContent = piece.textContent.trimEnd();
  }
  const widths = pieces.map((piece) => piece.offsetWidth);
  for (const [index, piece] of pieces.entries()) {
    const [left, , right] = boxes[index];
    const scale = (right - left) / 100 * sheet.offsetWidth / Math.max(widths[index], 1);
    piece.style.width = `${(right - left) / scale}%`;
    piece.style.transform = `scaleX(${scale})`;
    piece.append(piece.dataset.after);  // it is copied, but not measured
  }
}

let reader = null;
function openReader() {
  reader?.close();
  const root = element.querySelector('.fn-reader');
  reader = root ? new Reader(root) : null;
}
watch('value', openReader);

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!reader || !button) return;
  if (button.matches('.fn-rail-mark')) reader.go(Number(button.dataset.start));
  else if (button.matches('.fn-find-step')) reader.step(Number(button.dataset.step));
  else if (button.matches('.fn-as-text')) reader.switchView();
  else if (button.matches('.fn-show-outline')) reader.toggleOutline(button.ariaExpanded !== 'true');
  else if (button.matches('.fn-heading')) {
    reader.toggleOutline(false);
    reader.text.focus({ preventScroll: true });
    reader.heading = button;
    reader.go(Number(button.dataset.start), 'start');
  }
});
let typing;
element.addEventListener('input', (event) => {
  if (!reader || !event.target.matches('.fn-find-box')) return;
  clearTimeout(typing);
  typing = setTimeout(() => reader.search(event.target.value.trim()), TYPING);
});
element.addEventListener('keydown', (event) => {
  if (!reader) return;
  const box = event.target;
  const inOutline = box.closest('.fn-outline');
  if ((event.ctrlKey || event.metaKey) && event.key === 'f') {
    event.preventDefault();  // the browser would search only the part that is loaded
    element.querySelector('.fn-find-box').select();
  } else if (box.matches('.fn-find-box') && event.key === 'Enter') {
    event.preventDefault();
    clearTimeout(typing);
    if (box.value.trim() === reader.query) reader.step(event.shiftKey ? -1 : 1); else reader.search(box.value.trim());
  } else if (box.matches('.fn-find-box') && event.key === 'Escape') {
    box.value = '';
    clearTimeout(typing);
    reader.search('');
    reader.text.focus({ preventScroll: true });
  } else if (box.matches('.fn-page-box') && event.key === 'Enter') {
    reader.goToPage(parseInt(box.value, 10) || 1);
  } else if (inOutline && event.key === 'Escape') {
    reader.toggleOutline(false);
    element.querySelector('.fn-show-outline').focus();
  } else if (inOutline && ['ArrowDown', 'ArrowUp'].includes(event.key)) {
    event.preventDefault();
    const headings = [...inOutline.querySelectorAll('.fn-heading')];
    headings[headings.indexOf(box) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
  }
});
