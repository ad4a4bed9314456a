// Elements are made here and nowhere else. Text becomes text nodes: there is no way from data to markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; of children strings become text, and null is left out. */
function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same for a drawing. */
function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  return refill(node, children);
}

/** Gives an element other children: strings become text, lists are opened, and null is left out. */
function refill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
  return node;
}

/** The mark of a tier: told apart by shape as well as by colour. */
function mark(tier) {
  return drawn("svg", { class: `mark ${tier}`, "aria-hidden": "true" }, drawn("use", { href: `#${tier}` }));
}

const byId = id => document.getElementById(id);

/** The colours of the scheme in force, for what is painted on a canvas. */
function palette() {
  const style = getComputedStyle(document.documentElement);
  const colour = name => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour("ink"), muted: colour("muted"), line: colour("line"), series: colour("series"), model: colour("model"),
    outside: colour("outside"), wanted: colour("wanted"), edge: colour("edge"), threshold: colour("threshold"),
    unknown: colour("unknown"), before: colour("before"),
  };
}
