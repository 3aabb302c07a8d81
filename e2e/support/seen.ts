import type { Page } from "@playwright/test";
import type { Ids } from "./routes";

/**
 * The rows of a page's payload, in an order of their own: they are sent as their parts are done, numbered as
 * they are begun, and cut into scripts wherever that falls, none of which says anything of what is in them.
 */
const inOrder = (page: string): string =>
  page
    .replace(/"\]\)<\/script><script[^>]*>self\.__next_f\.push\(\[1,"/g, "")
    .split(/\\n|\n/)
    .map((row) => row.replace(/^[0-9a-f]*:/, "").replace(/\$[LQ@]?[0-9a-f]+(?=[":\\])/g, "$"))
    .sort()
    .join("\n");

/** What a browser sees, with everything taken out that differs from request to request or names the address itself. */
export async function seen(page: Page, path: string, ids: Ids): Promise<string> {
  const response = await page.request.get(path, { maxRedirects: 0 });
  let body = await response.text();
  for (const id of Object.values(ids)) body = body.replaceAll(id, "ID");
  body = body
    .replace(/nonce="[^"]*"|"nonce":"[^"]*"|nonce\\":\\"[^"]*\\"/g, "")
    .replace(/[0-9a-zA-Z+/]{22}==/g, "");
  return `${response.status()} ${inOrder(body)}`;
}

/** The same without what only a script reads: an id that is none comes back there in several spellings. */
export async function shown(page: Page, path: string): Promise<string> {
  const response = await page.request.get(path, { maxRedirects: 0 });
  const text = (await response.text())
    .replace(/<(script|style|head)\b[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
  return `${response.status()} ${text}`;
}
