// Follows a running study: asks for its state every two seconds and takes over the new page when there is one. What was
// chosen, sorted and opened stays so.
const seconds = 2;
function remember() {
  const tables = Array.from(document.querySelectorAll("th[aria-sort]"), heading => ({
    table: heading.closest(".scroll").getAttribute("aria-label"),
    column: heading.cellIndex,
    ascending: heading.getAttribute("aria-sort") === "ascending",
  }));
  const open = Array.from(document.querySelectorAll("details[open]"), details => details.id);
  const choices = Array.from(document.querySelectorAll("#panels select"), list => list.value);
  return {tables, open, choices};
}
function restore(kept) {
  for (const region of document.querySelectorAll(".scroll")) {
    const kind = kept.tables.find(other => other.table === region.getAttribute("aria-label"));
    if (kind) sort(region.querySelector("thead tr").cells[kind.column], kind.ascending);
  }
  for (const id of kept.open) if (document.getElementById(id)) document.getElementById(id).open = true;
  document.querySelectorAll("#panels select").forEach((list, i) => { list.value = kept.choices[i]; });
}
async function takeOver() {
  const source = await (await fetch("./", {cache: "no-store"})).text();
  const next = new DOMParser().parseFromString(source, "text/html");
  const kept = remember();
  document.querySelector("main").replaceWith(document.adoptNode(next.querySelector("main")));
  restore(kept);
  startPanels();
}
async function follow() {
  const note = text => { document.getElementById("connection").textContent = text; };
  try {
    const state = await (await fetch("state.json", {cache: "no-store"})).json();
    if (String(state.revision) !== document.querySelector("main").dataset.revision) await takeOver();
    note(state.failure ?? "");
  } catch {
    note("The server does not answer; trying again.");
  }
  setTimeout(follow, seconds * 1000);
}
setTimeout(follow, seconds * 1000);
