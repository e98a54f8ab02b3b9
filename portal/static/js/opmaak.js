// Zet boven elk tekstvak van een blok een balk met Vet, Lijst en links. Zonder dit bestand typt u de tekens zelf, en
// staat bij elk vak hoe.

import { askLink } from "./opmaak-link.js";
import { isBold, isList, nextItem, toggleBold, toggleList } from "./opmaak-tekst.js";

const ACTIONS = { vet: toggleBold, lijst: toggleList, link: askLink };
const PRESSED = { vet: isBold, lijst: isList };

// De balk van één blok. In een tabel werkt hij in de cel waar u het laatst was.
function addBar(block) {
  const fields = [...block.querySelectorAll("textarea")];
  if (!fields.length) return;
  const bar = document.getElementById("balk").content.firstElementChild.cloneNode(true);
  bar.setAttribute("aria-label", `Opmaak van ${block.querySelector("legend").textContent.toLowerCase()}`);
  if (block.dataset.soort !== "alinea") bar.querySelector("[data-doe=lijst]").remove();
  let field = fields[0];
  const tell = () => {
    for (const button of bar.querySelectorAll("[aria-pressed]")) {
      button.setAttribute("aria-pressed", PRESSED[button.dataset.doe](field));
    }
  };
  bar.addEventListener("click", ({ target }) => {
    if (target.matches("button")) ACTIONS[target.dataset.doe](field, target);
    tell();
  });
  for (const one of fields) {
    one.addEventListener("focus", () => {
      field = one;
    });
    one.addEventListener("keydown", (event) => typed(one, event, block.dataset.soort));
  }
  document.addEventListener("selectionchange", () => {
    if (document.activeElement === field) tell();
  });
  walkByArrows([...bar.querySelectorAll("button")]);
  (fields[0].closest(".tablebox") ?? fields[0]).before(bar);
}

function typed(field, event, kind) {
  const command = event.ctrlKey || event.metaKey;
  if (event.shiftKey || event.altKey || event.isComposing) return;
  if (command && event.key.toLowerCase() === "b") {
    event.preventDefault();
    toggleBold(field);
  } else if (event.key === "Enter" && !command && kind === "alinea") {
    nextItem(field, event);
  }
}

// Tab komt één keer langs een balk; daarin gaat u verder met de pijlen, Home en End.
function walkByArrows(buttons) {
  const stopAt = (chosen) => buttons.forEach((one) => one.setAttribute("tabindex", one === chosen ? "0" : "-1"));
  buttons.forEach((button, n) => {
    button.addEventListener("focus", () => stopAt(button));
    button.addEventListener("keydown", (event) => {
      const to = { ArrowRight: (n + 1) % buttons.length, ArrowLeft: n - 1, Home: 0, End: -1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      buttons.at(to).focus();
    });
  });
  stopAt(buttons[0]);
}

document.querySelectorAll(".blok").forEach(addBar);
for (const other of document.querySelectorAll("[data-zonder-balk]")) other.hidden = true;
addEventListener("load", () => {
  const next = /^#blok-\d+(-cel-\d+-\d+)?$/.test(location.hash) && document.querySelector(location.hash); // net toegevoegd of verplaatst
  if (next) (next.querySelector("textarea") ?? next).focus();
});
