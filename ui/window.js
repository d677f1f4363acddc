// What every part of the window does when it is loaded: clicks become events for Python.
let pressed = null;
element.addEventListener('pointerdown', (event) => { pressed = event.target.closest('button'); });
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  // A menu that closes when pressed lets the click through to what lies behind it.
  if (!button || (event.detail && pressed !== button)) return;
  const { turn, number, list, path } = button.dataset;
  if (button.matches('.fn-cite, .fn-source')) {
    trigger('cite', { turn: Number(turn), number: Number(number), list });
  } else if (button.matches('.fn-suggestion')) {
    trigger('suggest', { question: button.textContent });
  } else if (button.matches('.fn-document')) {
    trigger('read', { path });
  } else if (button.matches('.fn-close')) {
    trigger('dismiss');
  }
});
watch('value', () => {
  const cited = element.querySelector('mark.fn-cited');
  if (cited) cited.scrollIntoView({ block: 'center' });
  else if (element.querySelector('.fn-log')) element.scrollTop = element.scrollHeight;
});
