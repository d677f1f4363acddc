// Gradio's messages at the edge of the window have a header with the role of a button, and the button
// that closes the message in it. A screen reader does not reach a button inside of a button: the
// header becomes a group. It is still clicked to unfold several messages.
const headers = document.getElementsByClassName('toast-header');  // live: it costs nothing to look
new MutationObserver(() => {
  for (const header of headers) if (header.getAttribute('role') === 'button') header.setAttribute('role', 'group');
}).observe(document.body, { childList: true, subtree: true });
