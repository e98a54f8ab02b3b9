// Bewaart wat u schrijft terwijl u schrijft, en ververst het voorbeeld. Zonder dit bestand doet elke knop dat.

const WAIT = 3000;
const NOT_KEPT = {
  400: "U hebt zich opnieuw aangemeld. Wat u nu schrijft is nog niet bewaard: druk op ‘Bewaar en bekijk’.",
  401: "U bent afgemeld. Wat u nu schrijft is nog niet bewaard. Meld u aan in een nieuw tabblad, kom hier terug en druk op ‘Bewaar en bekijk’.",
};
const NOT_NOW = "Bewaren lukt nu niet. Laat deze pagina open en druk straks op ‘Bewaar en bekijk’.";

for (const form of document.querySelectorAll("form[data-bewaar]")) {
  const told = document.getElementById("bewaard");
  const shown = document.querySelector("#voorbeeld .preview-b");
  let waiting = 0;
  let sending = false;

  async function keep() {
    waiting = 0;
    const data = new FormData(form);
    data.delete("bestand");
    data.set("doe", "bewaar");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data });
      told.textContent = answer.ok
        ? `Bewaard om ${new Date().toLocaleTimeString("nl-NL", { hour: "2-digit", minute: "2-digit" })} uur.`
        : (NOT_KEPT[answer.status] ?? NOT_NOW);
      if (answer.ok && shown) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        shown.replaceChildren(...(page.querySelector("#voorbeeld .preview-b")?.childNodes ?? shown.childNodes));
      }
    } catch {
      told.textContent = "Er is geen verbinding. Laat deze pagina open.";
    }
  }

  form.addEventListener("input", (event) => {
    if (event.target.type === "file" || sending) return;
    clearTimeout(waiting);
    waiting = setTimeout(keep, WAIT);
  });
  form.addEventListener("submit", () => {
    sending = true;
    clearTimeout(waiting);
  });
  addEventListener("pageshow", () => {
    sending = false;
  });
}
