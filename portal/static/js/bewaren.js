// Bewaart wat u schrijft terwijl u schrijft, en ververst het voorbeeld. Zonder dit bestand doet elke knop dat.

const WAIT = 3000;
const PATIENCE = 20000;
const CLOCK = { hour: "numeric", minute: "2-digit", timeZone: "Europe/Amsterdam" };
const NOT_KEPT = {
  400: "U hebt zich opnieuw aangemeld. Wat u nu schrijft is nog niet bewaard: druk op ‘Bewaar en bekijk’.",
  401: "U bent afgemeld. Wat u nu schrijft is nog niet bewaard. Meld u aan in een nieuw tabblad, kom hier terug en druk op ‘Bewaar en bekijk’.",
};
const OTHER_WINDOW = {
  409: "Let op: deze wijziging is ook in een ander venster bewaard. Wat u hier typt wordt niet meer vanzelf bewaard. Druk op ‘Bewaar en bekijk’: u ziet dan beide teksten en kiest.",
  410: "Let op: deze wijziging is in een ander venster in het concept gezet of weggegooid. Wat u hier typt wordt niet meer vanzelf bewaard. Druk op ‘Bewaar en bekijk’: u kunt dan verder met uw tekst.",
};
const NOT_NOW = "Bewaren lukt nu niet. Laat deze pagina open en druk straks op ‘Bewaar en bekijk’.";
const NO_CONNECTION = "Er is geen verbinding. Laat deze pagina open.";

for (const form of document.querySelectorAll("form[data-bewaar]")) {
  const told = document.getElementById("bewaard");
  const warning = document.getElementById("niet-bewaard");
  const shown = document.querySelector("#voorbeeld .preview-b");
  let waiting = 0;
  let keeping = null;
  let stopped = false;
  let sending = false;

  async function keep() {
    const data = new FormData(form);
    data.delete("bestand");
    data.set("doe", "tussendoor");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, signal: AbortSignal.timeout(PATIENCE) });
      stopped = answer.status in OTHER_WINDOW;
      if (answer.ok) kept(new DOMParser().parseFromString(await answer.text(), "text/html"));
      else warning.textContent = OTHER_WINDOW[answer.status] ?? NOT_KEPT[answer.status] ?? NOT_NOW;
    } catch {
      warning.textContent = NO_CONNECTION;
    }
  }

  // Het antwoord is de pagina zoals zij nu bewaard is, met het merk dat het volgende bewaren meestuurt.
  function kept(page) {
    form.elements.merk.value = page.querySelector("input[name=merk]").value;
    warning.textContent = "";
    told.textContent = `Bewaard om ${new Date().toLocaleTimeString("nl-NL", CLOCK).replace(":", ".")} uur.`;
    shown?.replaceChildren(...(page.querySelector("#voorbeeld .preview-b")?.childNodes ?? shown.childNodes));
  }

  // Nooit twee keer tegelijk: het tweede zou het merk van voor het eerste meesturen.
  function wait() {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      if (keeping) return wait();
      keeping = keep();
      await keeping;
      keeping = null;
    }, WAIT);
  }

  form.addEventListener("input", (event) => {
    if (event.target.type !== "file" && !sending && !stopped) wait();
  });
  form.addEventListener("submit", async (event) => {
    const pressedTwice = sending;
    sending = true;
    clearTimeout(waiting);
    if (!keeping) return;
    event.preventDefault();
    if (pressedTwice) return;
    await keeping;
    form.requestSubmit(event.submitter);
  });
  addEventListener("pageshow", () => {
    sending = false;
  });
}
