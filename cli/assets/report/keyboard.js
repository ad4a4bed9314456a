// What keys and buttons do.

const ACTIONS = {
  earlier: () => view.pan(-0.25),
  later: () => view.pan(0.25),
  in: () => view.zoom(0.5),
  out: () => view.zoom(2),
  all: () => view.all(),
  next: () => step(1),
  previous: () => step(-1),
  help: () => byId("help").open ? byId("help").close() : byId("help").showModal(),
  close: () => choose(null),
};

const KEYS = {
  ArrowLeft: "earlier", ArrowRight: "later", "+": "in", "=": "in", "-": "out", "−": "out", 0: "all",
  n: "next", p: "previous", "?": "help", Escape: "close",
};

function keyboard() {
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || (byId("help").open && event.key !== "?")) return;
    if (event.target.closest("input, select, textarea")) return;
    const tier = TIERS[Number(event.key) - 1];
    if (tier) toggle(tier);
    else if (Object.hasOwn(KEYS, event.key)) ACTIONS[KEYS[event.key]]();
    else return;
    event.preventDefault();
  });
  for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", ACTIONS[button.dataset.do]);
  for (const button of document.querySelectorAll("[data-tier]")) button.addEventListener("click", () => toggle(button.dataset.tier));
}
