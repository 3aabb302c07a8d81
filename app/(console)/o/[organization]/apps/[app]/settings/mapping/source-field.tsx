"use client";

import { NativeSelect, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { ShownField } from "@/lib/directory/mapping/preview-mapping";
import classes from "./mapping.module.css";

const TYPED = ["extension", "constant"] as const;

type Props = {
  readonly mapped: string;
  readonly field: ShownField;
  readonly sources: readonly string[];
  /** Sources of fields that hold yes or no. */
  readonly flagSources: readonly string[];
  readonly error: string | undefined;
};

/** Splits a source into the selected kind and the typed value. */
function partsOf(source: string): readonly [choice: string, typed: string] {
  const kind = TYPED.find((one) => source.startsWith(`${one}:`));
  return kind ? [kind, source.slice(kind.length + 1)] : [source, ""];
}

/** Selects a field's source. The form sends it as one string under the field's name. */
export function SourceField({ mapped, field, sources, flagSources, error }: Props) {
  const t = useTranslations("mapping");
  const [[choice, typed], setParts] = useState(partsOf(field.isFlag ? "" : field.source));
  const [flag, setFlag] = useState(field.source);
  const isTyped = TYPED.some((one) => one === choice);
  const fieldLabel = (source: string) => t(`field.${source.slice("field:".length)}` as never);
  const ordinary = (source: string) => (source === field.defaultSource ? ` · ${t("ordinary")}` : "");
  const label = (source: string) =>
    source === "" ? t("nothing") : source.startsWith("field:") ? fieldLabel(source) : t(source as never);
  const choices = field.isFlag
    ? [...flagSources.map((one) => `field:${one}`), "constant:true", "constant:false", ""]
    : [...sources.map((one) => `field:${one}`), ...TYPED, ...(field.isRequired ? [] : [""])];
  const labelOf = (source: string) => {
    if (source === "constant:true") return t("yes");
    if (source === "constant:false") return t("no");
    return label(source) + ordinary(source);
  };
  return (
    <div className={classes.field}>
      <NativeSelect
        label={<code>{field.name}</code>}
        value={field.isFlag ? flag : choice}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (field.isFlag) setFlag(value);
          else setParts([value, ""]);
        }}
        data={choices.map((value) => ({ value, label: labelOf(value) }))}
        error={isTyped ? undefined : error}
      />
      {isTyped && (
        <TextInput
          aria-label={t(choice === "extension" ? "extensionKey" : "constantText", { field: field.name })}
          placeholder={t(choice === "extension" ? "extensionExample" : "constantExample")}
          value={typed}
          onChange={(event) => setParts([choice, event.currentTarget.value])}
          maxLength={256}
          error={error}
        />
      )}
      <input
        type="hidden"
        name={`${mapped}.${field.name}`}
        value={field.isFlag ? flag : isTyped ? `${choice}:${typed}` : choice}
      />
    </div>
  );
}
