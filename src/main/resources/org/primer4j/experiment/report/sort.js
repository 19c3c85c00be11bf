// Sorts a table by the column whose heading button is pressed; again: the other way round. Empty values come last.
function key(row, column) {
  const value = row.cells[column].dataset.value;
  return value === undefined ? row.cells[column].textContent : value === "" ? NaN : Number(value);
}
function compare(a, b) {
  return typeof a === "string" ? a.localeCompare(b, undefined, {numeric: true}) : a - b;
}
function sort(heading, ascending) {
  const body = heading.closest("table").tBodies[0];
  const keyed = Array.from(body.rows, row => [key(row, heading.cellIndex), row]);
  const known = keyed.filter(pair => !Number.isNaN(pair[0]));
  const unknown = keyed.filter(pair => Number.isNaN(pair[0]));
  known.sort((a, b) => ascending ? compare(a[0], b[0]) : compare(b[0], a[0]));
  for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  body.append(...known.concat(unknown).map(pair => pair[1]));
}
document.addEventListener("click", event => {
  const button = event.target.closest("th button");
  if (!button) return;
  const heading = button.closest("th");
  sort(heading, heading.getAttribute("aria-sort") !== "ascending");
});
