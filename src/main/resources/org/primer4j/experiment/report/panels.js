// Shows the panel of the recipe and method that are chosen, by the lists or by a cell of the matrix.
function showPanel() {
  const section = document.getElementById("panels");
  const chosen = Array.from(section.querySelectorAll("select"), list => list.value).join(" ");
  const panels = Array.from(section.querySelectorAll("[data-panel]"));
  const known = panels.some(panel => panel.dataset.panel === chosen);
  for (const panel of panels) panel.hidden = panel.dataset.panel !== (known ? chosen : "");
}
function choosePanel(id) {
  const panel = document.getElementById(id);
  if (!panel || panel.dataset.panel === undefined) return;
  const section = document.getElementById("panels");
  panel.dataset.panel.split(" ").forEach((value, i) => section.querySelectorAll("select")[i].value = value);
  showPanel();
}
function startPanels() {
  document.querySelector("#panels .choices").hidden = false;
  showPanel();
}
document.addEventListener("change", event => { if (event.target.matches("#panels select")) showPanel(); });
document.addEventListener("click", event => {
  const link = event.target.closest("a[href^='#panel-']");
  if (link) choosePanel(link.hash.slice(1));
});
choosePanel(document.getElementById("panels").dataset.best);
startPanels();
if (location.hash) choosePanel(location.hash.slice(1));
