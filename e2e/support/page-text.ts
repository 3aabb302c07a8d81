import type { Page } from "@playwright/test";
import type { Ids } from "./routes";

/** Sorts the rows of a page's payload, because their order, numbers and division into scripts vary between requests. */
const sortRows = (page: string): string =>
  page
    .replace(/"\]\)<\/script><script[^>]*>self\.__next_f\.push\(\[1,"/g, "")
    .split(/\\n|\n/)
    .map((row) => row.replace(/^[0-9a-f]*:/, "").replace(/\$[LQ@]?[0-9a-f]+(?=[":\\])/g, "$"))
    .sort()
    .join("\n");

/** Returns a page's answer without the values that vary between requests and without the ids of its path. */
export async function answerOf(page: Page, path: string, ids: Ids): Promise<string> {
  const response = await page.request.get(path, { maxRedirects: 0 });
  let body = await response.text();
  for (const id of Object.values(ids)) body = body.replaceAll(id, "ID");
  body = body
    .replace(/nonce="[^"]*"|"nonce":"[^"]*"|nonce\\":\\"[^"]*\\"/g, "")
    .replace(/[0-9a-zA-Z+/]{22}==/g, "");
  return `${response.status()} ${sortRows(body)}`;
}

/** Returns a page's visible text, without scripts, which contain a malformed id in several spellings. */
export async function visibleText(page: Page, path: string): Promise<string> {
  const response = await page.request.get(path, { maxRedirects: 0 });
  const text = (await response.text())
    .replace(/<(script|style|head)\b[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
  return `${response.status()} ${text}`;
}
