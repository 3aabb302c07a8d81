"use client";

import dynamic from "next/dynamic";

const PersonalForm = dynamic(async () => (await import("./personal-form")).PersonalForm, { ssr: false });

type Props = { readonly organization: string; readonly keepsPersonal: boolean };

/** The form, loaded once the page stands: it is what few come here for. */
export function PersonalPart(props: Props) {
  return (
    <div style={{ minHeight: "clamp(7rem, 16rem - 12vw, 13rem)" }}>
      <PersonalForm {...props} />
    </div>
  );
}
