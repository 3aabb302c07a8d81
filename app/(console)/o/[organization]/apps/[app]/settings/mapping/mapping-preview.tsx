import { useTranslations } from "next-intl";
import { DisplayName } from "@/app/_components/text/display-name";
import type { Preview } from "@/lib/directory/mapping/preview-mapping";
import classes from "./mapping.module.css";

type Props = { readonly preview: Preview; readonly fields: readonly string[] };

/** Three real members as the mapping would return them. */
export function MappingPreview({ preview, fields }: Props) {
  const t = useTranslations("mapping");
  if (preview.length === 0) return <p className={classes.help}>{t("nobody")}</p>;
  const showValue = (value: string | null | undefined) =>
    value === undefined ? (
      <span className={classes.none}>{t("leftOut")}</span>
    ) : value === null ? (
      <span className={classes.none}>{t("empty")}</span>
    ) : (
      <bdi>{value}</bdi>
    );
  return (
    <section className={classes.preview} aria-labelledby="mapping-preview">
      <h2 id="mapping-preview">{t("previewTitle")}</h2>
      <ul>
        {preview.map((person, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- members can have equal names
          <li key={index}>
            <h3>
              <DisplayName name={person.name} nameless="–" isClamped />
            </h3>
            <dl>
              {fields.map((field) => (
                <div key={field}>
                  <dt>
                    <code>{field}</code>
                  </dt>
                  <dd>{showValue(person.fields[field])}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
}
