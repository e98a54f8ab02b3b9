// Vraagt waar een link heen gaat, uit de keuzelijst die al op de pagina staat, en zet hem in de tekst.

import { indexAt, put, read, write } from "./opmaak-tekst.js";

const chooser = document.getElementById("kiezer");
const [sought, goal, words, told] = ["zoek", "doel", "woorden", "aantal"].map((id) =>
  document.getElementById(`kiezer-${id}`),
);
const NOTHING = "Niets gevonden. Zoek met een ander woord. Een link naar een website kan niet.";
const titleOf = (option) => option.text.replace(`${option.value.split(":")[1]} `, "");
let groups = [];
let ownWords = false;

function showGoals() {
  const parts = sought.value.toLowerCase().split(/\s+/);
  const was = goal.value;
  goal.replaceChildren(
    ...groups.map((group) => {
      const copy = group.cloneNode(true);
      for (const option of [...copy.children]) {
        if (!parts.every((part) => option.text.toLowerCase().includes(part))) option.remove();
      }
      return copy;
    }),
  );
  for (const group of [...goal.children]) if (!group.children.length) group.remove();
  goal.value = was;
  if (goal.selectedIndex < 0 && sought.value.trim()) goal.selectedIndex = 0;
  told.textContent = goal.length ? `${goal.length} om uit te kiezen.` : NOTHING;
  nameGoal();
}

function nameGoal() {
  if (!ownWords) words.value = goal.selectedIndex < 0 ? "" : titleOf(goal.options[goal.selectedIndex]);
}

// Vraag waarheen, uit de keuzelijst die er al staat, en zet de link op de plaats van de selectie.
export function askLink(field, button) {
  const signs = read(field.value);
  const { selectionStart: start, selectionEnd: end } = field;
  const inside = signs.findIndex((sign) => sign.target && sign.at <= start && end <= sign.end && start < sign.end);
  let [from, to] = inside < 0 ? [indexAt(signs, start), indexAt(signs, end)] : [inside, inside + 1];
  while (from < to && !signs[to - 1].raw.trim()) to -= 1;
  const lineEnd = signs.slice(from, to).findIndex((sign) => sign.raw === "\n");
  if (lineEnd >= 0) to = from + lineEnd;
  const known = signs.slice(from, to).filter((sign) => sign.plain || sign.target || sign.raw === " ");
  const group = button.dataset.groep;
  groups = [...document.querySelectorAll("#link-doel optgroup")].filter((one) => !group || one.label === group);
  sought.value = "";
  words.value = known.map((sign) => sign.words ?? sign.raw).join("").trim();
  ownWords = words.value !== "";
  goal.replaceChildren(); // wat de vorige keer is gekozen
  showGoals();
  if (inside >= 0) goal.value = signs[inside].target;
  chooser.querySelector("h2").textContent = group ? button.title : "Maak een link";
  chooser.querySelector("[value=weg]").hidden = inside < 0;
  chooser.returnValue = "";
  chooser.onclose = () => {
    const shown = words.value.replace(/[[\]*\s]+/g, " ").trim();
    const raw = `[${shown || goal.value.split(":")[1]}](${goal.value})`;
    const made = { zet: [{ raw, bold: false }], weg: read(shown) }[chooser.returnValue];
    field.focus();
    if (!made) return;
    signs.splice(from, to - from, ...made);
    const text = write(signs);
    const place = made.at(-1)?.end ?? start;
    put(field, text, place, place);
  };
  chooser.showModal();
}

sought.addEventListener("input", showGoals);
goal.addEventListener("input", nameGoal);
words.addEventListener("input", () => {
  ownWords = words.value !== "";
});
