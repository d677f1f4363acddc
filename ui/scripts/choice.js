// Holds which documents are ticked, as the value that goes with each question.
// `ui/scripts/sources.js` has the ticks; Python may set them, too.
window.addEventListener('fn-choose', ({ detail }) => {
  props.value = detail;
  trigger('choose');
});
watch('value', () => window.dispatchEvent(new CustomEvent('fn-chosen', { detail: props.value })));
