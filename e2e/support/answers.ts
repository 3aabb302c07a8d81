import type { APIResponse, BrowserContext, Response } from "@playwright/test";

/** An answer as it came over the wire: address, status, headers and body, in one text. */
export type Answer = { readonly path: string; readonly text: string };

async function read(response: Response | APIResponse): Promise<Answer> {
  const { pathname } = new URL(response.url());
  const headers = await response.headersArray();
  // A redirect has none, and a page that was left takes its own with it.
  const body = await response.text().catch(() => "");
  const lines = [`${response.status()}`, ...headers.map(({ name, value }) => `${name}: ${value}`), "", body];
  return { path: pathname, text: lines.join("\n") };
}

/** Collects answers; each is read at once, since a page that is left takes its answers with it. */
export class Answers {
  readonly #reading: Promise<Answer | null>[] = [];

  add(response: Response | APIResponse): void {
    this.#reading.push(read(response).catch(() => null));
  }

  /** Everything that the pages of a browser are answered, but for files that were there before any secret. */
  watch(context: BrowserContext): void {
    context.on("response", (response) => {
      if (!new URL(response.url()).pathname.startsWith("/_next/static/")) this.add(response);
    });
  }

  async all(): Promise<Answer[]> {
    return (await Promise.all(this.#reading)).filter((answer) => answer !== null);
  }
}
