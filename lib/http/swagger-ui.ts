import "server-only";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const ASSETS: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
};

export async function swaggerAsset(name: string): Promise<Response | null> {
  const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  if (type === undefined) return null;
  const body = await readFile(join(process.cwd(), "node_modules", "swagger-ui-dist", name));
  return new Response(new Uint8Array(body), {
    headers: { "content-type": type, "cache-control": "public, max-age=3600" },
  });
}

type Page = { readonly nonce: string; readonly locale: string; readonly title: string };

/** Fixes Swagger UI's contrast (WCAG 1.4.3) and shows its buttons on keyboard focus. Hides the choice of servers: there is one. */
const STYLE = `
  body { margin: 0; background: #fff; }
  .swagger-ui .scheme-container { box-shadow: none; }
  .swagger-ui .servers-title, .swagger-ui .servers { display: none; }
  .swagger-ui .info .title small, .swagger-ui .info .title small.version-stamp { background: #3f5f00; }
  .swagger-ui .info .title small pre { background: none; color: #fff; }
  .swagger-ui .info .link .url, .swagger-ui .info a, .swagger-ui .markdown code { color: #174ea6; }
  .swagger-ui .btn.authorize, .swagger-ui .btn.authorize span { color: #10603c; border-color: #10603c; }
  .swagger-ui .opblock.opblock-get .opblock-summary-method { background: #1558b0; }
  .swagger-ui .opblock.opblock-post .opblock-summary-method { background: #14663f; }
  .swagger-ui .opblock.opblock-patch .opblock-summary-method { background: #14605a; }
  .swagger-ui .opblock.opblock-delete .opblock-summary-method { background: #a61b1b; }
  .swagger-ui .parameter__name.required:after, .swagger-ui .parameter__name.required span { color: #a61b1b; }
  .swagger-ui .parameter__in, .swagger-ui .prop-format, .swagger-ui .parameter__deprecated { color: #555; }
  .swagger-ui .btn.cancel { color: #a61b1b; border-color: #a61b1b; }
  .swagger-ui .btn.execute { background: #1558b0; border-color: #1558b0; }
  .swagger-ui .opblock .opblock-summary .view-line-link:focus-within { margin: 0 5px; width: 24px; }
  .swagger-ui .tab li, .swagger-ui .response-col_links { color: #3b4151; }
`;

/** Fixes Swagger UI for screen readers and keyboards: headings, landmarks, scroll areas and the dialog's focus. */
const ACCESSIBILITY_SCRIPT = `
const addRoles = () => {
  const set = (selector, name, value) =>
    document.querySelectorAll(selector).forEach((one) => one.setAttribute(name, value));
  set(".information-container", "role", "banner");
  set("h3.opblock-tag", "aria-level", "2");
  set(".opblock h4", "aria-level", "3");
  set(".opblock h5", "aria-level", "4");
  set("pre", "tabindex", "0");
  set(".dialog-ux .modal-ux", "role", "dialog");
  set(".dialog-ux .modal-ux", "aria-modal", "true");
  set(".dialog-ux .modal-ux", "aria-labelledby", "dialog-title");
  set(".dialog-ux .modal-ux-header h3", "id", "dialog-title");
};
let opener = null;
let wasOpen = false;
const returnFocus = () => {
  const isOpen = document.querySelector(".dialog-ux") !== null;
  if (wasOpen && !isOpen) opener?.focus();
  wasOpen = isOpen;
};
document.addEventListener("focusin", ({ target }) => {
  if (!target.closest(".dialog-ux")) opener = target;
});
document.addEventListener("keydown", (event) => {
  const stops = document.querySelectorAll(".dialog-ux :is(button, input, a[href])");
  if (event.key !== "Tab" || stops.length === 0) return;
  const ends = [stops[0], stops[stops.length - 1]];
  const [first, last] = event.shiftKey ? ends.reverse() : ends;
  if (document.activeElement !== last) return;
  event.preventDefault();
  first.focus();
});
new MutationObserver(() => {
  addRoles();
  returnFocus();
}).observe(document.body, { childList: true, subtree: true });
`;

/** Returns the page of the API reference. Its scripts carry the request's nonce (S34). */
export const swaggerPage = ({ nonce, locale, title }: Page): string => `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/api/v1/docs/swagger-ui.css">
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<div id="reference"></div>
<script nonce="${nonce}" src="/api/v1/docs/swagger-ui-bundle.js"></script>
<script nonce="${nonce}">
${ACCESSIBILITY_SCRIPT}
SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#reference",
  validatorUrl: null,
  persistAuthorization: false,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: -1,
});
</script>
</body>
</html>
`;
