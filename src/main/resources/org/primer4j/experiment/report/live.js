// Follows a running study: asks for its state every two seconds and takes over the new page when there is one. What was
// chosen, sorted, opened, scrolled to and focused stays so.
const seconds = 2;
const focusable = "a, button, select, summary, .scroll";
// Names what can have the focus, the same on the next page.
function nameOf(element) {
  const region = element.closest(".scroll")?.getAttribute("aria-label");
  return [element.tagName, region, element.hash ?? element.dataset.choice ?? element.closest("th")?.cellIndex ?? element.parentElement.id].join();
}
function remember() {
  const tables = Array.from(document.querySelectorAll("th[aria-sort]"), heading => ({
    table: heading.closest(".scroll").getAttribute("aria-label"),
    column: heading.cellIndex,
    ascending: heading.getAttribute("aria-sort") === "ascending",
  }));
  const open = Array.from(document.querySelectorAll("details[open]"), details => details.id);
  const choices = Array.from(document.querySelectorAll("#panels select"), list => list.value);
  const scrolled = new Map(Array.from(document.querySelectorAll(".scroll"), region => [region.getAttribute("aria-label"), [region.scrollLeft, region.scrollTop]]));
  const focus = document.activeElement?.matches(focusable) ? nameOf(document.activeElement) : null;
  return {tables, open, choices, scrolled, focus};
}
function restore(kept) {
  for (const region of document.querySelectorAll(".scroll")) {
    const kind = kept.tables.find(other => other.table === region.getAttribute("aria-label"));
    if (kind) sort(region.querySelector("thead tr").cells[kind.column], kind.ascending);
  }
  for (const id of kept.open) if (document.getElementById(id)) document.getElementById(id).open = true;
  document.querySelectorAll("#panels select").forEach((list, i) => { list.value = kept.choices[i]; });
  startPanels();
  for (const region of document.querySelectorAll(".scroll")) region.scrollTo(...(kept.scrolled.get(region.getAttribute("aria-label")) ?? [0, 0]));
  if (kept.focus) Array.from(document.querySelectorAll(focusable)).find(element => nameOf(element) === kept.focus)?.focus({preventScroll: true});
}
async function takeOver() {
  const source = await (await fetch("./", {cache: "no-store"})).text();
  const next = new DOMParser().parseFromString(source, "text/html");
  const kept = remember();
  document.querySelector("main").replaceWith(document.adoptNode(next.querySelector("main")));
  restore(kept);
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
