"use client";

import { Group } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import type { Preview, ShownMapping } from "@/lib/directory/mapping/preview-mapping";
import { mappingAction } from "./actions";
import classes from "./mapping.module.css";
import { MappingPreview } from "./mapping-preview";
import { SourceField } from "./source-field";

type Props = {
  readonly organization: string;
  readonly app: string;
  readonly mapped: string;
  readonly mapping: ShownMapping;
  readonly sources: readonly string[];
  readonly flagSources: readonly string[];
};

export function MappingForm({ organization, app, mapped, mapping, sources, flagSources }: Props) {
  const t = useTranslations("mapping");
  const common = useTranslations("common");
  const [preview, setPreview] = useState<Preview>(mapping.preview);
  const [intent, setIntent] = useState("save");
  const form = useActionForm(
    mappingAction.bind(null, organization),
    (done) => {
      setPreview(done.preview);
      announce(done.isSaved ? common("saved") : t("previewShown"));
    },
    { isSaved: ({ isSaved }) => isSaved },
  );
  const isPending = (which: string) => form.isPending && intent === which;
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    const { submitter } = event.nativeEvent as SubmitEvent;
    setIntent(submitter?.getAttribute("value") ?? "save");
    form.onSubmit(event);
  };
  return (
    <form ref={form.formRef} onSubmit={onSubmit} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <input type="hidden" name="app" value={app} />
      <input type="hidden" name="of" value={mapped} />
      {!mapping.keepsPersonal && <p className={classes.help}>{t("notKept")}</p>}
      <div className={classes.fields}>
        {mapping.fields.map((field) => (
          <SourceField
            key={field.name}
            mapped={mapped}
            field={field}
            sources={sources}
            flagSources={flagSources}
            error={form.errorOf(`${mapped}.${field.name}`)}
          />
        ))}
      </div>
      <Group className={classes.buttons}>
        {(["save", "preview"] as const).map((which) => (
          <SubmitButton
            key={which}
            name="intent"
            value={which}
            variant={which === "save" ? "filled" : "default"}
            isPending={isPending(which)}
            label={which === "save" ? common("save") : t("preview")}
            pendingLabel={which === "save" ? common("saving") : t("previewing")}
          />
        ))}
        {form.state.status === "done" && form.state.data.isSaved && !form.isPending && (
          <span>{common("saved")}</span>
        )}
      </Group>
      <MappingPreview preview={preview} fields={mapping.fields.map(({ name }) => name)} />
    </form>
  );
}
