// Maakt van "Kopieer link" een knop die werkt. Zonder dit bestand staat het adres er ook, om zelf te kopiëren.

async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  throw new Error("geen klembord");
}

function select(element) {
  if (element instanceof HTMLInputElement) {
    element.select();
    return;
  }
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

for (const button of document.querySelectorAll("button[data-kopieer]")) {
  const source = document.getElementById(button.dataset.kopieer);
  const status = document.getElementById(button.dataset.melding);
  button.addEventListener("click", async () => {
    try {
      await copy((source.value ?? source.textContent).trim());
      status.textContent = "De link is gekopieerd.";
    } catch {
      select(source);
      status.textContent = "Kopiëren lukte niet. De link is geselecteerd: kopieer hem zelf.";
    }
  });
  button.hidden = false;
}
