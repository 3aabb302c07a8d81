import en from "@/messages/en.json";
import zh from "@/messages/zh-CN.json";

const RETRY_SECONDS = 10;

const STYLE =
  "body{font-family:system-ui,sans-serif;max-width:560px;margin:96px auto;padding:0 16px;line-height:1.6;color-scheme:light dark}" +
  "h1{font-size:22px}section+section{margin-top:32px}";

/** The page while the database is away: needs no session, says it in both languages, and tries again by itself. */
export function downPage(nonce: string): string {
  const section = (lang: string, { downTitle, down }: { downTitle: string; down: string }) =>
    `<section lang="${lang}"><h1>${downTitle}</h1><p>${down}</p></section>`;
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>Dingkeep</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="${RETRY_SECONDS}">
<style nonce="${nonce}">${STYLE}</style></head><body><main>${section("zh-CN", zh.error)}${section("en", en.error)}</main></body></html>`;
}
