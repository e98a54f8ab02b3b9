// Vet, lijsten en links in de tekst van een vak. De server leest dezelfde tekens in documents/pages.py.

const SIGN = /\*\*|(?<dash>^[-•] )|\[(?<words>[^[\]\n]*)\]\((?<target>(?:doc|stap|begrip):[A-Za-z0-9-]+)\)|[^]/gmu;
const DASH = /^[-•]( |$)/;
const LETTER = /^[\p{L}\p{N}'’-]$/u;
const SAMPLE = "vette woorden";

// Een tekst als tekens die elk weten of zij vet zijn; een link is één teken, en nooit vet.
export function read(text) {
  const signs = [];
  let bold = false;
  for (const found of text.matchAll(SIGN)) {
    const raw = found[0];
    if (raw === "**") {
      bold = !bold;
      continue;
    }
    const { dash, words, target } = found.groups;
    bold &&= raw !== "\n";
    const plain = !target && !dash && raw.trim() !== "";
    signs.push({ raw, words, target, plain, bold: bold && plain, at: found.index, end: found.index + raw.length });
  }
  return signs;
}

// De tekst van deze tekens, die meteen weten waar zij nu staan. Een spatie is vet als de woorden ernaast dat zijn.
export function write(signs) {
  let text = "";
  let bold = false;
  signs.forEach((sign, n) => {
    const space = sign.raw === " ";
    const now = space ? bold && signs.slice(n).find((one) => one.raw !== " ")?.bold === true : sign.bold;
    if (now !== bold) text += "**";
    bold = now;
    sign.at = text.length;
    text += sign.raw;
    sign.end = text.length;
  });
  return bold ? `${text}**` : text;
}

// Zet een nieuwe tekst in het vak en selecteer een deel ervan.
export function put(field, text, start, end) {
  const was = field.value;
  const shortest = Math.min(was.length, text.length);
  let head = 0;
  while (head < shortest && was[head] === text[head]) head += 1;
  let tail = 0;
  while (tail < shortest - head && was.at(-1 - tail) === text.at(-1 - tail)) tail += 1;
  const changed = text.slice(head, text.length - tail);
  field.focus();
  field.setSelectionRange(head, was.length - tail);
  // Verouderd, maar het enige waarna Ctrl+Z nog werkt: setRangeText wist wat de browser kan terugdraaien.
  if (was !== text && !document.execCommand(changed ? "insertText" : "delete", false, changed)) {
    field.setRangeText(changed);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(start, end);
}

export const indexAt = (signs, place) => signs.filter((sign) => sign.end <= place).length;

// Welke tekens zijn bedoeld, als [van, tot]: de selectie, en anders het woord bij de cursor, zoals in Word.
function meant(signs, field) {
  const { selectionStart: start, selectionEnd: end } = field;
  if (start < end) return [indexAt(signs, start), signs.filter((sign) => sign.at < end).length];
  let [from, to] = [indexAt(signs, start), indexAt(signs, start)];
  while (from > 0 && LETTER.test(signs[from - 1].raw)) from -= 1;
  while (to < signs.length && LETTER.test(signs[to].raw)) to += 1;
  return [from, to];
}

export function isBold(field) {
  const signs = read(field.value);
  const chosen = signs.slice(...meant(signs, field)).filter((sign) => sign.plain);
  return chosen.length > 0 && chosen.every((sign) => sign.bold);
}

export function toggleBold(field) {
  const { value, selectionStart: start, selectionEnd: end } = field;
  const signs = read(value);
  const [from, to] = meant(signs, field);
  if (start === end && value.startsWith("**", start) && signs[indexAt(signs, start) - 1]?.bold) {
    field.focus();
    field.setSelectionRange(start + 2, start + 2); // klaar met vet typen: verder achter de sterretjes
    return;
  }
  let chosen = signs.slice(from, to).filter((sign) => sign.plain);
  if (start === end && !chosen.length) {
    chosen = [...SAMPLE].map((raw) => ({ raw, plain: raw !== " ", bold: false }));
    signs.splice(from, 0, ...chosen);
  }
  field.focus();
  if (!chosen.length) return; // alleen links of spaties
  const bold = !chosen.every((sign) => sign.bold || !sign.plain);
  for (const sign of chosen) sign.bold = bold && sign.plain;
  const text = write(signs);
  put(field, text, chosen[0].at, chosen.at(-1).end);
}

// De regels waar de selectie in ligt, als [van, tot] in de tekst.
function linesOf({ value, selectionStart: start, selectionEnd: end }) {
  const last = end > start && value[end - 1] === "\n" ? end - 1 : end;
  const stop = value.indexOf("\n", last);
  return [value.slice(0, start).lastIndexOf("\n") + 1, stop < 0 ? value.length : stop];
}

export function isList(field) {
  const lines = field.value.slice(...linesOf(field)).split("\n");
  return lines.some((line) => DASH.test(line)) && lines.every((line) => DASH.test(line) || !line.trim());
}

export function toggleList(field) {
  const { value, selectionStart: start, selectionEnd: end } = field;
  const [from, to] = linesOf(field);
  const lines = value.slice(from, to).split("\n");
  const full = lines.filter((line) => line.trim());
  const items = (full.length ? full : [""]).map((line) => (DASH.test(line) ? line : `- ${line}`));
  const changed = (isList(field) ? lines.map((line) => line.replace(DASH, "")) : items).join("\n");
  const grown = changed.length - (to - from);
  const place = start === end ? Math.max(from, start + grown) : from;
  put(field, value.slice(0, from) + changed + value.slice(to), place, start === end ? place : to + grown);
}

// Enter in een lijst begint het volgende punt; Enter op een leeg punt houdt op.
export function nextItem(field, event) {
  const [from, to] = linesOf(field);
  const { value, selectionStart: start, selectionEnd: end } = field;
  const dash = value.slice(from, to).match(DASH)?.[0];
  if (!dash || start < from + dash.length) return;
  event.preventDefault();
  if (to - from === dash.length) put(field, value.slice(0, from) + value.slice(to), from, from);
  else put(field, `${value.slice(0, start)}\n- ${value.slice(end)}`, start + 3, start + 3);
}
