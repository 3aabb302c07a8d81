import type { APIResponse, BrowserContext, Response } from "@playwright/test";

/** Returns an answer as one text: URL, status, headers and body. */
export type Answer = { readonly path: string; readonly text: string };

async function read(response: Response | APIResponse): Promise<Answer> {
  const { pathname } = new URL(response.url());
  const headers = await response.headersArray();
  // A redirect has no body, and that of a page that was left is lost.
  const body = await response.text().catch(() => "");
  const lines = [`${response.status()}`, ...headers.map(({ name, value }) => `${name}: ${value}`), "", body];
  return { path: pathname, text: lines.join("\n") };
}

/** Collects answers and reads each at once, because the browser drops the answers of a page that was left. */
export class Answers {
  readonly #reading: Promise<Answer | null>[] = [];

  add(response: Response | APIResponse): void {
    this.#reading.push(read(response).catch(() => null));
  }

  /** Collects all answers to a browser's pages, except static files, which exist before any secret. */
  watch(context: BrowserContext): void {
    context.on("response", (response) => {
      if (!new URL(response.url()).pathname.startsWith("/_next/static/")) this.add(response);
    });
  }

  async all(): Promise<Answer[]> {
    return (await Promise.all(this.#reading)).filter((answer) => answer !== null);
  }
}
