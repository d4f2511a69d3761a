// Files and pictures that an answer brought.
import { Download, File as FileIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Markdown } from "~/features/markdown";
import { Button } from "~/ui/button";
import type { Artifact, FileAnnotation } from "../model/answer";
import { chatFileUrl } from "../model/transport";
import { useChatTools } from "./chat-context";

const STORED = "FILE-STORAGE::";
const PICTURES = new Set(["png", "jpeg", "jpg", "gif", "webp"]);

export function Artifacts({ artifacts }: { artifacts: Artifact[] }) {
  return (
    <div className="flex flex-col gap-3">
      {artifacts.map((artifact, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- artifacts have no identity but their order
        <ArtifactView key={index} artifact={artifact} />
      ))}
    </div>
  );
}

function ArtifactView({ artifact: { type, data } }: { artifact: Artifact }) {
  const { t } = useTranslation("chat");
  const { flowId, chatId } = useChatTools();
  if (PICTURES.has(type)) {
    const src = data.startsWith(STORED) ? chatFileUrl(flowId, chatId, data.slice(STORED.length)) : data;
    return <img src={src} alt={t("artifactPicture")} loading="lazy" className="max-h-96 max-w-full self-start rounded-md border border-line" />;
  }
  // A page that a model wrote never becomes part of ours: it lies in a frame of no origin, without scripts.
  if (type === "html") return <iframe srcDoc={data} sandbox="" title={t("artifactPage")} className="h-80 w-full rounded-md border border-line bg-surface" />;
  if (type === "markdown") return <Markdown text={data} />;
  return <Markdown text={`\`\`\`${/^\w+$/.test(type) ? type : ""}\n${data}\n\`\`\``} />;
}

export function Files({ files }: { files: FileAnnotation[] }) {
  const { t } = useTranslation("chat");
  const { flowId, chatId } = useChatTools();
  return (
    <ul aria-label={t("files")} className="flex flex-wrap gap-2">
      {files.map(({ fileName, filePath }) => (
        <li key={filePath}>
          <Button asChild className="max-w-72">
            <a href={chatFileUrl(flowId, chatId, filePath.replace(STORED, ""), true)} download={fileName}>
              <FileIcon aria-hidden />
              <span className="truncate">{fileName}</span>
              <Download aria-hidden />
            </a>
          </Button>
        </li>
      ))}
    </ul>
  );
}
