import type { APIResponse, BrowserContext, Response } from "@playwright/test";

/** The status, headers and body of a response, as one text. */
export type Answer = { readonly path: string; readonly text: string };

async function read(response: Response | APIResponse): Promise<Answer> {
  const { pathname } = new URL(response.url());
  const headers = await response.headersArray();
  // Fails for redirects and for pages that the browser has left.
  const body = await response.text().catch(() => "");
  const lines = [`${response.status()}`, ...headers.map(({ name, value }) => `${name}: ${value}`), "", body];
  return { path: pathname, text: lines.join("\n") };
}

/** Collects responses and reads each at once, because the browser drops those of a page that it leaves. */
export class Answers {
  readonly #reading: Promise<Answer | null>[] = [];

  add(response: Response | APIResponse): void {
    this.#reading.push(read(response).catch(() => null));
  }

  /**
   * Collects all responses to a browser's pages except static files, which contain no secret.
   *
   * @returns a function that ends the collection
   */
  watch(context: BrowserContext): () => void {
    const collect = (response: Response) => {
      if (!new URL(response.url()).pathname.startsWith("/_next/static/")) this.add(response);
    };
    context.on("response", collect);
    return () => void context.off("response", collect);
  }

  async all(): Promise<Answer[]> {
    return (await Promise.all(this.#reading)).filter((answer) => answer !== null);
  }
}
