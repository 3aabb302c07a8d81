import en from "@/messages/en.json";
import zh from "@/messages/zh-CN.json";

/** Pause before a browser reloads the page. */
export const RETRY_SECONDS = 10;

/** Inlined, because the server that delivers the stylesheets is down. */
const STYLE =
  ":root{color-scheme:light dark}" +
  'body{background:#f6f7f9;color:#1a1e26;font:14px/22px -apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;margin:0;padding:64px 16px 32px}' +
  "main{margin:0 auto;max-width:480px}" +
  "main>p{font-size:22px;font-weight:600;line-height:30px;margin:0 0 24px;text-align:center}" +
  "section{background:#fff;border:1px solid #dfe3ea;border-radius:12px;padding:24px}section+section{margin-top:16px}" +
  "h1,h2{font-size:18px;font-weight:600;line-height:26px;margin:0 0 8px}section p{color:#565e6c;margin:0}" +
  "@media(prefers-color-scheme:dark){body{background:#121418;color:#e7eaf0}section{background:#1a1d23;border-color:#323843}section p{color:#a4acba}}";

/** Prefix of the outage's keys in `messages/`. */
export type Outage = "down" | "busy";

/** Returns a static page in both languages for an outage. The page reloads every 10 s. */
export function outagePage(nonce: string, outage: Outage): string {
  const section = (lang: string, tag: "h1" | "h2", words: typeof en.error) =>
    `<section lang="${lang}"><${tag}>${words[`${outage}Title`]}</${tag}><p>${words[outage]}</p></section>`;
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>Dingkeep</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="${RETRY_SECONDS}">
<style nonce="${nonce}">${STYLE}</style></head><body><main><p>Dingkeep</p>${section("zh-CN", "h1", zh.error)}${section("en", "h2", en.error)}</main></body></html>`;
}
