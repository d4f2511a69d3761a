/** @jsxImportSource preact */
// Where the visitor writes, attaches and speaks.
import { useEffect, useRef, useState } from "preact/hooks";
import { acceptedTypes, placeFile, type UploadRules } from "~/features/chat/model/config";
import type { SentFile } from "~/features/chat/model/messages";
import type { Upload } from "~/features/chat/model/transport";
import { randomId } from "~/lib/id";
import { Icon } from "./icons";
import type { BotProps } from "./props";
import { say } from "./texts";
import type { Bot } from "./use-bot";

interface Waiting {
  id: string;
  shown: SentFile;
  upload: Upload | undefined;
}

export function Composer({ bot, props, rules }: { bot: Bot; props: BotProps; rules: UploadRules | undefined }) {
  const theme = props.theme?.chatWindow?.textInput ?? {};
  const [text, setText] = useState("");
  const [files, setFiles] = useState<Waiting[]>([]);
  const [warning, setWarning] = useState<string>();
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const recorder = useRecorder((upload) => setFiles((before) => [...before, { id: randomId(), shown: { name: upload.name, mime: upload.mime, preview: upload.data }, upload }]), setWarning);
  const tooLong = theme.maxChars !== undefined && text.length > theme.maxChars;
  const loading = files.some((file) => !file.upload);
  const ready = !bot.running && !loading && !tooLong && (text.trim() !== "" || files.length > 0);
  const takesFiles = rules?.images !== undefined || rules?.documents !== undefined;
  // Asking touch screens to show their keyboard unasked would cover the chat.
  const focuses = theme.autoFocus ?? !matchMedia("(hover: none)").matches;
  useEffect(() => {
    if (focuses) field.current?.focus({ preventScroll: true });
  }, [focuses]);

  const change = (value: string) => {
    setText(value);
    props.observersConfig?.observeUserInput?.(value);
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(150, element.scrollHeight)}px`;
  };
  const send = () => {
    if (!ready) return;
    void bot.send(text.trim(), files.flatMap(({ upload, shown }) => (upload ? [{ upload, shown }] : [])));
    setFiles([]);
    change("");
    if (field.current) field.current.style.height = "auto";
  };
  const add = (list: Iterable<File>) => {
    setWarning(undefined);
    for (const file of list) {
      const placed = rules ? placeFile(rules, file) : { why: "type" as const, name: file.name, types: [] };
      if ("why" in placed) {
        setWarning(placed.why === "size" ? say("tooLarge", { name: placed.name, limit: placed.limit }) : say("wrongType", { name: placed.name }));
        continue;
      }
      const id = randomId();
      setFiles((before) => [...before, { id, shown: { name: file.name, mime: file.type, preview: undefined }, upload: undefined }]);
      const { way } = placed;
      const coming = way === "image" ? dataUrl(file).then((data): Upload => ({ type: "file", name: file.name, mime: file.type, data })) : bot.client.document(bot.chatId, file, way);
      coming
        .then((upload) => setFiles((before) => before.map((entry) => (entry.id === id ? { ...entry, upload, shown: { ...entry.shown, preview: way === "image" ? upload.data : undefined } } : entry))))
        .catch((cause: unknown) => {
          setFiles((before) => before.filter((entry) => entry.id !== id));
          setWarning(cause instanceof Error ? cause.message : say("failed"));
        });
    }
  };
  return (
    <form
      class="foot"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onDragOver={(event) => takesFiles && event.preventDefault()}
      onDrop={(event) => {
        if (!takesFiles || !event.dataTransfer?.files.length) return;
        event.preventDefault();
        add([...event.dataTransfer.files]);
      }}
    >
      {files.length > 0 && (
        <ul class="files">
          {files.map(({ id, shown, upload }) => (
            <li key={id}>
              {shown.preview && shown.mime.startsWith("image/") && <img src={shown.preview} alt="" />}
              <span>{upload ? shown.name : `${shown.name} …`}</span>
              <button type="button" class="icon" aria-label={say("remove", { name: shown.name })} onClick={() => setFiles(files.filter((file) => file.id !== id))}>
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {(warning ?? (tooLong ? (theme.maxCharsWarningMessage ?? `${text.length} / ${theme.maxChars}`) : undefined)) && (
        <p class="warn" role="alert">
          {warning ?? theme.maxCharsWarningMessage ?? `${text.length} / ${theme.maxChars}`}
        </p>
      )}
      <div class="field">
        {takesFiles && rules && (
          <>
            <input
              ref={picker}
              type="file"
              multiple
              hidden
              accept={acceptedTypes(rules).join(",")}
              onChange={(event) => {
                add([...(event.currentTarget.files ?? [])]);
                event.currentTarget.value = "";
              }}
            />
            <button type="button" class="icon" aria-label={say("attach")} title={say("attach")} onClick={() => picker.current?.click()}>
              <Icon name="clip" />
            </button>
          </>
        )}
        {rules?.speech && (
          <button type="button" class="icon" aria-label={say(recorder.on ? "recordStop" : "record")} title={say(recorder.on ? "recordStop" : "record")} aria-pressed={recorder.on} onClick={recorder.toggle}>
            <Icon name={recorder.on ? "stop" : "mic"} />
          </button>
        )}
        <textarea
          ref={field}
          rows={1}
          value={text}
          aria-label={say("input")}
          placeholder={theme.placeholder ?? say("placeholder")}
          enterkeyhint="send"
          onInput={(event) => change(event.currentTarget.value)}
          onPaste={(event) => {
            const pasted = [...(event.clipboardData?.files ?? [])];
            if (pasted.length === 0 || !takesFiles) return;
            event.preventDefault();
            add(pasted);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowUp" && text === "" && theme.enableInputHistory !== false) {
              const last = bot.messages.findLast((message) => message.role === "question");
              if (last?.text) {
                event.preventDefault();
                change(last.text);
              }
            } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
              event.preventDefault();
              send();
            }
          }}
        />
        {bot.running ? (
          <button type="button" class="icon go" aria-label={say("stop")} title={say("stop")} onClick={bot.stop}>
            <Icon name="stop" />
          </button>
        ) : (
          <button type="submit" class="icon go" aria-label={say("send")} title={say("send")} disabled={!ready}>
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result)));
    reader.addEventListener("error", () => reject(reader.error ?? new Error(say("failed"))));
    reader.readAsDataURL(blob);
  });
}

function useRecorder(onRecorded: (upload: Upload) => void, onProblem: (text: string) => void) {
  const [on, setOn] = useState(false);
  const recorder = useRef<MediaRecorder | null>(null);
  const toggle = async () => {
    if (recorder.current) {
      recorder.current.stop();
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const made = new MediaRecorder(stream);
      const pieces: Blob[] = [];
      made.addEventListener("dataavailable", (event) => pieces.push(event.data));
      made.addEventListener("stop", () => {
        for (const track of stream.getTracks()) track.stop();
        recorder.current = null;
        setOn(false);
        const mime = made.mimeType.split(";")[0] || "audio/webm";
        void dataUrl(new Blob(pieces, { type: mime })).then((data) => onRecorded({ type: "audio", name: `recording.${mime.includes("mp4") ? "m4a" : "webm"}`, mime, data }));
      });
      recorder.current = made;
      made.start();
      setOn(true);
    } catch {
      onProblem(say("noMicrophone"));
    }
  };
  return { on, toggle: () => void toggle() };
}
