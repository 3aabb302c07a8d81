/** Normalizes for comparison: `Ｍ` equals `m`. */
const normalize = (text: string) => text.normalize("NFKC").toLowerCase().trim();

type Matchable = { readonly label: string; readonly detail?: string; readonly keywords?: string };

/**
 * Returns whether an entry matches the typed text: each word is part of the label or detail, or begins one of the
 * keywords, which include pinyin and its initials (`mulu`, `ml`).
 */
export function matchesQuery({ label, detail = "", keywords = "" }: Matchable, typed: string): boolean {
  const visible = normalize(`${label} ${detail}`);
  const keywordList = normalize(keywords).split(/\s+/);
  return normalize(typed)
    .split(/\s+/)
    .every((word) => visible.includes(word) || keywordList.some((keyword) => keyword.startsWith(word)));
}
