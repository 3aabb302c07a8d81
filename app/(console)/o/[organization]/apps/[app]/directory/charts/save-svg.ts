const NAMESPACE = "http://www.w3.org/2000/svg";

/** Attributes that the file keeps. Roles, focus and classes belong to the page. */
const KEPT_ATTRIBUTES = new Set([
  "d",
  "height",
  "rx",
  "text-anchor",
  "transform",
  "viewBox",
  "width",
  "x",
  "y",
  "font-size",
  "font-weight",
]);

/** Inline styles, because the file has no style sheet. Always light, for printing. */
const PART_STYLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  box: { fill: "#ffffff", stroke: "#7c8493" },
  line: { fill: "none", stroke: "#7c8493" },
  name: { fill: "#1a1e26" },
  dimmed: { fill: "#565e6c" },
  sign: { fill: "#e9edff", stroke: "#3d53c6" },
  signText: { fill: "#2f43a8" },
};

function strip(element: Element): void {
  const style = PART_STYLES[element.getAttribute("data-part") ?? ""] ?? {};
  for (const name of element.getAttributeNames())
    if (!KEPT_ATTRIBUTES.has(name)) element.removeAttribute(name);
  for (const [name, value] of Object.entries(style)) element.setAttribute(name, value);
}

/** Returns the chart as a standalone SVG file. */
export function standaloneSvg(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  for (const element of [copy, ...copy.querySelectorAll("*")]) strip(element);
  const background = document.createElementNS(NAMESPACE, "rect");
  for (const [name, value] of [
    ["width", "100%"],
    ["height", "100%"],
    ["fill", "#ffffff"],
  ] as const)
    background.setAttribute(name, value);
  copy.prepend(background);
  copy.setAttribute(
    "font-family",
    "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/** Downloads a text as a file. */
export function saveFile(text: string, name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
