/** What is typed and what is looked through, in one form: `Ｍ` is `m`, and an app's spaces don't matter at its ends. */
const inForm = (text: string) => text.normalize("NFKC").toLowerCase().trim();

type Matchable = { readonly label: string; readonly detail?: string; readonly keywords?: string };

/**
 * Whether an entry is meant by what was typed: each word of it stands in the entry's label or detail, or begins one
 * of its keywords, which hold the pinyin and its initials (`mulu`, `ml`).
 */
export function isMeant({ label, detail = "", keywords = "" }: Matchable, typed: string): boolean {
  const shown = inForm(`${label} ${detail}`);
  const hidden = inForm(keywords).split(/\s+/);
  return inForm(typed)
    .split(/\s+/)
    .every((word) => shown.includes(word) || hidden.some((keyword) => keyword.startsWith(word)));
}
