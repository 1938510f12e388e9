"use strict";
// Tables: a click on a heading sorts by its column, another one turns it around.
function number(text) {
  const match = text.replace(/[, ]/g, "").replace("−", "-").match(/^[<+]?(-?[\d.]+(?:e[-+]?\d+)?)/);
  return match ? parseFloat(match[1]) : NaN;
}
function compare(a, b) {
  const [x, y] = [number(a), number(b)];
  if (!isNaN(x) && !isNaN(y)) return x - y;
  if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
  return a.localeCompare(b);
}
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const heading = button.parentElement, row = heading.parentElement;
    const column = [...row.children].indexOf(heading);
    const up = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of row.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = row.closest("table").tBodies[0];
    const value = line => line.children[column].dataset.value ?? line.children[column].textContent;
    const lines = [...body.rows].sort((a, b) => (up ? 1 : -1) * compare(value(a), value(b)));
    body.append(...lines);
  });
}
// Figures: what a shape says of itself follows the pointer.
const hint = document.getElementById("hint");
document.addEventListener("pointermove", event => {
  const shape = event.target.closest?.("svg *");
  const title = shape?.querySelector?.(":scope > title");
  if (title) {
    shape.dataset.hint = title.textContent;
    title.remove();
  }
  hint.hidden = !shape?.dataset.hint;
  if (hint.hidden) return;
  hint.textContent = shape.dataset.hint;
  const left = Math.min(event.clientX + 12, innerWidth - hint.offsetWidth - 4);
  hint.style.left = Math.max(4, left) + "px";
  const below = event.clientY + 16 + hint.offsetHeight < innerHeight;
  hint.style.top = (below ? event.clientY + 16 : event.clientY - 8 - hint.offsetHeight) + "px";
});
