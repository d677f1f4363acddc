// Runs once for each component that adds documents (`element`). Files are sent in parts, so that
// the first ones are read while the others are on their way.
const PART = { files: 25, bytes: 20_000_000 };
const NAMES = 200;  // in one request: the server limits its size
const UPLOAD = new URL('gradio_api/upload', location.href);  // the page may be below a path of a proxy

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.matches('.fn-pick')) {
    element.querySelectorAll('input[type=file]')[button.dataset.pick].click();
  } else if (button.matches('.fn-open-paste')) {
    const box = element.querySelector('.fn-paste');
    box.hidden = !box.hidden;
    button.ariaExpanded = String(!box.hidden);
    if (!box.hidden) box.querySelector('textarea').focus();
  } else if (button.matches('.fn-add-pasted')) {
    addPasted(element.querySelector('.fn-pasted'));
  } else if (button.matches('.fn-examples')) {
    trigger('examples');
    showDocuments();
  } else if (button.matches('.fn-see')) {
    showDocuments();
  } else if (button.matches('.fn-clear')) {
    trigger('tidy');
  } else if (button.matches('.fn-anew')) {
    trigger('anew');
  } else if (button.matches('.fn-read-again')) {
    trigger('again');
  }
});
element.addEventListener('change', (event) => {
  if (!event.target.matches('input[type=file]')) return;
  const files = [...event.target.files].map((file) => [file, file.webkitRelativePath || file.name]);
  add(files).finally(() => { event.target.value = ''; });
});

// Adds text as a file that is named after its first line.
function addPasted(area) {
  const text = area.value.trim();
  if (!text) return area.focus();
  const first = text.split('\n', 1)[0].replace(/[^\p{L}\p{N} ,-]/gu, ' ').replace(/\s+/g, ' ').trim();
  const name = `${first.slice(0, 60).trim() || element.querySelector('.fn-choices').dataset.pasted}.txt`;
  add([[new File([text], name, { type: 'text/plain' }), name]]);
  area.value = '';
  element.querySelector('.fn-open-paste').click();
}

// Sends the files, given as pairs of a file and its path. Hidden files are left out, and files of
// unknown kinds are only named.
async function add(files) {
  showDocuments();
  const choices = document.querySelector('#fn-begin .fn-choices') ?? element.querySelector('.fn-choices')
    ?? document.querySelector('.fn-choices');
  const known = new Set(choices?.dataset.known.split(' '));  // not there yet while the page is built
  const seen = files.filter(([, path]) => !path.split('/').some((part) => part.startsWith('.')));
  const fits = ([, path]) => !choices || known.has((/\.[^.\/]+$/.exec(path)?.[0] ?? '').toLowerCase());
  const unknown = seen.filter((each) => !fits(each)).map(([, path]) => path);
  const batch = `${Date.now()} ${Math.random()}`;  // the parts of one addition are one list
  for (let at = 0; at < unknown.length; at += NAMES) {
    trigger('arrive', { batch, unknown: unknown.slice(at, at + NAMES) });
  }
  const sent = seen.filter(fits);
  let done = 0;
  const tell = () => {
    if (!choices) return;
    const text = choices.dataset.uploading.replace('{done}', done).replace('{count}', sent.length);
    for (const line of document.querySelectorAll('.fn-uploading')) {
      line.textContent = done < sent.length ? text : '';
    }
  };
  for (const part of split(sent)) {
    tell();
    await send(part, batch);
    done += part.length;
  }
  tell();
}

function split(files) {
  const parts = [];
  let bytes = Infinity;
  for (const each of files) {
    bytes += each[0].size;
    if (bytes > PART.bytes || parts.at(-1).length >= PART.files) {
      parts.push([]);
      bytes = each[0].size;
    }
    parts.at(-1).push(each);
  }
  return parts;
}

// Uploads a part of the files. If the server refuses it, each file is tried alone, because one of
// them may be too large.
async function send(part, batch) {
  let problem = 'could not be sent';  // ui/views/failures.py says it in the visitor's words
  const form = new FormData();
  for (const [file] of part) form.append('files', file, file.name);
  try {
    const response = await fetch(UPLOAD, { method: 'POST', body: form });
    if (response.ok) {
      const paths = await response.json();
      return trigger('arrive', { batch, files: part.map(([, name], at) => ({ path: paths[at], name })) });
    }
    if (part.length > 1) {
      for (const each of part) await send([each], batch);
      return;
    }
    if (response.status === 413) problem = 'is larger than allowed';
    if (response.status === 429 || response.status === 507) problem = 'does not fit';
  } catch {
    // The connection broke, or a file was deleted meanwhile.
  }
  trigger('arrive', { batch, failed: part.map(([, name]) => name), problem });
}

function showDocuments() {
  document.querySelector('[data-tab-id=documents]').click();
  window.dispatchEvent(new CustomEvent('fn-unfold', { detail: 'sources' }));
}

// Files and folders dropped anywhere in the window are added.
if (element.closest('#fn-begin')) {
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  const body = document.body;
  window.addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    body.dataset.drop = document.querySelector('[data-drop]').dataset.drop;
    body.classList.add('fn-dropping');
  });
  window.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) body.classList.remove('fn-dropping');
  });
  window.addEventListener('drop', async (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    body.classList.remove('fn-dropping');
    add(await listDropped(event.dataTransfer));
  });
}

// Returns the dropped files, also those inside dropped folders, as pairs of a file and its path.
async function listDropped(data) {
  // Entries can be asked for only during the event, so all are collected before the first await.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...data.files].map((file) => [file, file.name]);
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}
async function walk(entry, found) {
  if (entry.name.startsWith('.')) return;
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    found.push([await new Promise((done, fail) => entry.file(done, fail)), path]);
    return;
  }
  const reader = entry.createReader();
  for (;;) {  // each call returns at most 100 entries
    const entries = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!entries.length) return;
    for (const each of entries) await walk(each, found);
  }
}
