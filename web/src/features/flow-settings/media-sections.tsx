// Voice in, voice out, and files.
import { useTranslation } from "react-i18next";
import { asObject, asText } from "~/lib/json";
import { CheckboxField, SelectField, SwitchField } from "~/ui/form";
import { chosenProvider, getIn, type Part, setIn, withProvider } from "./model";
import { ProviderForm } from "./provider-form";
import { initialsOf, type Provider, SPEECH_TO_TEXT, TEXT_TO_SPEECH } from "./providers";
import type { SectionProps } from "./section-body";
import { UploadsOverview } from "./uploads-overview";

function OneOf({ part, providers, draft, setPart }: SectionProps & { part: Part; providers: readonly Provider[] }) {
  const { t } = useTranslation("flowSettings");
  const value = draft.parts[part];
  const names = providers.map((entry) => entry.name);
  const chosen = chosenProvider(value, names);
  const provider = providers.find((entry) => entry.name === chosen);
  const choose = (name: string) => {
    const next = providers.find((entry) => entry.name === name);
    const prepared = next && asObject(value[name]) === null ? { ...value, [name]: initialsOf(next) } : value;
    setPart(part, withProvider(prepared, names, name || "none"));
  };
  return (
    <>
      <SelectField
        label={t("provider")}
        value={chosen === "none" ? "" : chosen}
        onChange={choose}
        placeholder={t("none")}
        choices={providers.map((entry) => ({ value: entry.name, label: entry.label }))}
      />
      {provider && <ProviderForm provider={provider} values={asObject(value[provider.name]) ?? {}} onChange={(values) => setPart(part, { ...value, [provider.name]: values })} />}
    </>
  );
}

export function SpeechToTextSection(props: SectionProps) {
  return <OneOf {...props} part="speechToText" providers={SPEECH_TO_TEXT} />;
}

export function TextToSpeechSection(props: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const value = props.draft.parts.textToSpeech;
  const chosen = chosenProvider(value, TEXT_TO_SPEECH.map((entry) => entry.name));
  return (
    <>
      <OneOf {...props} part="textToSpeech" providers={TEXT_TO_SPEECH} />
      {chosen !== "none" && (
        <SwitchField
          label={t("textToSpeech.autoPlay")}
          hint={t("textToSpeech.autoPlayHint")}
          checked={getIn(value, [chosen, "autoPlay"]) === true}
          onChange={(on) => props.setPart("textToSpeech", setIn(value, [chosen, "autoPlay"], on))}
        />
      )}
    </>
  );
}

/** Types of files that can be read as text, as their media types. */
const FILE_TYPES = [
  ["PDF", "application/pdf"],
  ["DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ["DOC", "application/msword"],
  ["XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["XLS", "application/vnd.ms-excel"],
  ["PPTX", "application/vnd.openxmlformats-officedocument.presentationml.presentation"],
  ["PPT", "application/vnd.ms-powerpoint"],
  ["TXT", "text/plain"],
  ["Markdown", "text/markdown"],
  ["HTML", "text/html"],
  ["CSV", "text/csv"],
  ["JSON", "application/json"],
  ["XML", "application/xml"],
  ["CSS", "text/css"],
  ["SQL", "application/sql"],
] as const;

export function FileUploadSection({ flow, draft, setPart }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const chatbot = draft.parts.chatbotConfig;
  const upload = asObject(chatbot["fullFileUpload"]) ?? {};
  const stored = asText(upload["allowedUploadFileTypes"]);
  // Nothing said means all of them.
  const allowed = new Set<string>(stored === undefined ? FILE_TYPES.map(([, type]) => type) : stored.split(",").filter(Boolean));
  const set = (path: string[], value: unknown) => setPart("chatbotConfig", setIn(chatbot, ["fullFileUpload", ...path], value));
  const on = upload["status"] === true;
  const toggle = (type: string, wanted: boolean) => {
    const next = new Set(allowed);
    if (wanted) next.add(type);
    else next.delete(type);
    set(["allowedUploadFileTypes"], [...next].join(","));
  };
  return (
    <>
      <SwitchField
        label={t("fileUpload.on")}
        hint={t("fileUpload.hint")}
        checked={on}
        onChange={(status) =>
          setPart("chatbotConfig", {
            ...chatbot,
            fullFileUpload: { ...upload, status, allowedUploadFileTypes: [...allowed].join(","), pdfFile: asObject(upload["pdfFile"]) ?? { usage: "perPage", legacyBuild: false } },
          })
        }
      />
      {on && (
        <>
          <fieldset>
            <legend className="pb-2 text-sm font-medium text-ink">{t("fileUpload.types")}</legend>
            <div className="grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-2.5">
              {FILE_TYPES.map(([label, type]) => (
                <CheckboxField key={type} label={label} checked={allowed.has(type)} onChange={(wanted) => toggle(type, wanted)} />
              ))}
            </div>
          </fieldset>
          <SelectField
            label={t("fileUpload.pdf")}
            value={asText(getIn(upload, ["pdfFile", "usage"])) ?? "perPage"}
            onChange={(usage) => set(["pdfFile", "usage"], usage)}
            choices={[
              { value: "perPage", label: t("fileUpload.perPage") },
              { value: "perFile", label: t("fileUpload.perFile") },
            ]}
          />
        </>
      )}
      <UploadsOverview flowId={flow.id} takesWholeFiles={on} />
    </>
  );
}
