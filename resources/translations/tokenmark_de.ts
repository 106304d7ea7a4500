<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>Charts</name>
    <message>
        <source>Not drawn, having no place on these axes: %1 of the points.</source>
        <translation>Nicht gezeichnet, weil auf diesen Achsen kein Platz dafür ist: %1 der Punkte.</translation>
    </message>
    <message>
        <source>baseline %1</source>
        <translation>Bezug %1</translation>
    </message>
</context>
<context>
    <name>Files</name>
    <message>
        <source>%1 cannot be written: %2</source>
        <translation>%1 kann nicht geschrieben werden: %2</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Run %1</source>
        <translation>Lauf %1</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>Beispiel</translation>
    </message>
</context>
<context>
    <name>NodeReport</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>Host key</source>
        <translation>Host-Schlüssel</translation>
    </message>
    <message>
        <source>Login</source>
        <translation>Anmeldung</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Agent</source>
        <translation>Agent</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft dort</translation>
    </message>
</context>
<context>
    <name>PinnedCards</name>
    <message>
        <source>Facts of a point, pinned</source>
        <translation>Angaben zu einem Punkt, angeheftet</translation>
    </message>
    <message>
        <source>Copy these facts</source>
        <translation>Diese Angaben kopieren</translation>
    </message>
    <message>
        <source>Close this card</source>
        <translation>Diese Karte schließen</translation>
    </message>
</context>
<context>
    <name>Program</name>
    <message>
        <source>A workbench for LLM inference benchmarks.</source>
        <translation>Eine Werkbank für Messungen der Inferenz großer Sprachmodelle.</translation>
    </message>
    <message>
        <source>Keep runs in FILE.</source>
        <translation>Läufe in DATEI aufbewahren.</translation>
    </message>
    <message>
        <source>Draw CHART.json into a file (-o) without a window.</source>
        <translation>CHART.json ohne Fenster in eine Datei (-o) zeichnen.</translation>
    </message>
    <message>
        <source>Sweeps (YAML) to edit, charts (*.chart.json) to show, results to import.</source>
        <translation>Messreihen (YAML) zum Bearbeiten, Diagramme (*.chart.json) zum Zeigen, Ergebnisse zum Einlesen.</translation>
    </message>
</context>
<context>
    <name>QObject</name>
    <message>
        <source>Made %1 by %2.</source>
        <translation>Erstellt %1 mit %2.</translation>
    </message>
    <message>
        <source>By %1. %2</source>
        <translation>Von %1. %2</translation>
    </message>
</context>
<context>
    <name>QuantiseDialog</name>
    <message>
        <source>Q8_0 · 8.5 bits a value, hardly any loss</source>
        <translation>Q8_0 · 8,5 Bit je Wert, kaum Verlust</translation>
    </message>
    <message>
        <source>Q6_K · 6.6 bits, very little loss</source>
        <translation>Q6_K · 6,6 Bit, sehr wenig Verlust</translation>
    </message>
    <message>
        <source>Q5_K · 5.5 bits, little loss</source>
        <translation>Q5_K · 5,5 Bit, wenig Verlust</translation>
    </message>
    <message>
        <source>Q4_K · 4.5 bits, the usual compromise</source>
        <translation>Q4_K · 4,5 Bit, der übliche Kompromiss</translation>
    </message>
    <message>
        <source>Q4_0 · 4.5 bits, simple and fast</source>
        <translation>Q4_0 · 4,5 Bit, einfach und schnell</translation>
    </message>
    <message>
        <source>MXFP4 · 4.25 bits, OCP microscaling</source>
        <translation>MXFP4 · 4,25 Bit, OCP-Microscaling</translation>
    </message>
    <message>
        <source>MXFP6 · 6.25 bits, OCP microscaling (this program only)</source>
        <translation>MXFP6 · 6,25 Bit, OCP-Microscaling (nur dieses Programm)</translation>
    </message>
    <message>
        <source>FP8 · 8.25 bits, E4M3 in blocks (this program only)</source>
        <translation>FP8 · 8,25 Bit, E4M3 in Blöcken (nur dieses Programm)</translation>
    </message>
    <message>
        <source>BF16 · 16 bits</source>
        <translation>BF16 · 16 Bit</translation>
    </message>
</context>
<context>
    <name>RunChartPage</name>
    <message>
        <source>Run %1</source>
        <translation>Lauf %1</translation>
    </message>
    <message>
        <source>, concurrency %1</source>
        <translation>, Gleichzeitigkeit %1</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>it holds bytes that are no text</source>
        <translation>sie enthält Bytes, die kein Text sind</translation>
    </message>
    <message>
        <source>it ends in the middle of a line</source>
        <translation>sie endet mitten in einer Zeile</translation>
    </message>
    <message>
        <source>line %1 is neither a heading nor a setting: %2</source>
        <translation>Zeile %1 ist weder Überschrift noch Einstellung: %2</translation>
    </message>
    <message>
        <source>it cannot be read</source>
        <translation>sie kann nicht gelesen werden</translation>
    </message>
    <message>
        <source>it has %1 bytes</source>
        <translation>sie hat %1 Bytes</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farbschema</translation>
    </message>
    <message>
        <source>Colours of window and charts</source>
        <translation>Farben von Fenster und Diagrammen</translation>
    </message>
    <message>
        <source>As the desktop has it</source>
        <translation>Wie der Desktop</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Size of texts and controls</source>
        <translation>Größe von Schrift und Bedienung</translation>
    </message>
    <message>
        <source>A share of what the desktop asks for</source>
        <translation>Anteil an dem, was der Desktop vorgibt</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Language of the window; reports and exported files stay English</source>
        <translation>Sprache des Fensters; Berichte und exportierte Dateien bleiben englisch</translation>
    </message>
    <message>
        <source>Numbers</source>
        <translation>Zahlen</translation>
    </message>
    <message>
        <source>How numbers are written in the window; exported files are the same everywhere</source>
        <translation>Wie Zahlen im Fenster geschrieben werden; exportierte Dateien sind überall gleich</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Store of runs</source>
        <translation>Speicher der Läufe</translation>
    </message>
    <message>
        <source>The file that keeps every run; empty: the usual place</source>
        <translation>Die Datei, die jeden Lauf aufbewahrt; leer: der übliche Ort</translation>
    </message>
    <message>
        <source>Folders of models</source>
        <translation>Ordner mit Modellen</translation>
    </message>
    <message>
        <source>Looked through beside those of Hugging Face, llama.cpp, Ollama and LM Studio; one a line</source>
        <translation>Werden neben denen von Hugging Face, llama.cpp, Ollama und LM Studio durchsucht; einer je Zeile</translation>
    </message>
    <message>
        <source>Measuring program</source>
        <translation>Messprogramm</translation>
    </message>
    <message>
        <source>tokenmark-cli as measurements are started with; empty: the one beside this program</source>
        <translation>tokenmark-cli, mit dem Messungen gestartet werden; leer: das neben diesem Programm</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Sharpness of PNG pictures</source>
        <translation>Schärfe von PNG-Bildern</translation>
    </message>
    <message>
        <source>Pixels a point</source>
        <translation>Bildpunkte je Punkt</translation>
    </message>
    <message>
        <source>Export in dark colours</source>
        <translation>In dunklen Farben exportieren</translation>
    </message>
    <message>
        <source>Else pictures are light, whatever the window is</source>
        <translation>Sonst sind Bilder hell, wie auch immer das Fenster ist</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Begin where I stopped</source>
        <translation>Weitermachen, wo ich aufgehört habe</translation>
    </message>
    <message>
        <source>The tab, the charts&apos; choices and the chosen runs of the last time</source>
        <translation>Der Reiter, die Auswahl in den Diagrammen und die gewählten Läufe vom letzten Mal</translation>
    </message>
    <message>
        <source>The settings in %1 are not used: %2. The file could not be set aside.</source>
        <translation>Die Einstellungen in %1 werden nicht benutzt: %2. Die Datei konnte nicht beiseitegelegt werden.</translation>
    </message>
    <message>
        <source>The settings in %1 are not used: %2. The file is kept as %3.</source>
        <translation>Die Einstellungen in %1 werden nicht benutzt: %2. Die Datei liegt jetzt als %3 da.</translation>
    </message>
    <message>
        <source>Size of pictures</source>
        <translation>Größe von Bildern</translation>
    </message>
    <message>
        <source>In points of 1/96 inch</source>
        <translation>In Punkten von 1/96 Zoll</translation>
    </message>
    <message>
        <source>Usual, 1200 × 750</source>
        <translation>Üblich, 1200 × 750</translation>
    </message>
    <message>
        <source>As seen in the window</source>
        <translation>Wie im Fenster zu sehen</translation>
    </message>
    <message>
        <source>Presentation, 1600 × 900</source>
        <translation>Präsentation, 1600 × 900</translation>
    </message>
    <message>
        <source>Screen, 1920 × 1080</source>
        <translation>Bildschirm, 1920 × 1080</translation>
    </message>
    <message>
        <source>Width of A4 paper, 794 × 497</source>
        <translation>Breite von A4-Papier, 794 × 497</translation>
    </message>
    <message>
        <source>A4 within margins, 643 × 402</source>
        <translation>A4 innerhalb der Ränder, 643 × 402</translation>
    </message>
</context>
<context>
    <name>SweepPlan</name>
    <message>
        <source>as measured before</source>
        <translation>wie früher gemessen</translation>
    </message>
    <message>
        <source>as the schedule says</source>
        <translation>laut Zeitplan</translation>
    </message>
    <message>
        <source>from similar runs of the same target</source>
        <translation>nach ähnlichen Läufen desselben Ziels</translation>
    </message>
    <message>
        <source>from the model&apos;s size and the device&apos;s measured ceilings</source>
        <translation>nach der Größe des Modells und den gemessenen Höchstwerten des Geräts</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
</context>
<context>
    <name>tokenmark</name>
    <message>
        <source>median</source>
        <translation>Median</translation>
    </message>
    <message>
        <source>p90</source>
        <translation>p90</translation>
    </message>
    <message>
        <source>p99</source>
        <translation>p99</translation>
    </message>
    <message>
        <source>In brackets: the 95 % interval, by block bootstrap.</source>
        <translation>In Klammern: das 95-%-Intervall, mit Block-Bootstrap.</translation>
    </message>
    <message>
        <source>%1, mean</source>
        <translation>%1, Mittel</translation>
    </message>
    <message>
        <source>Mean over completed requests.</source>
        <translation>Mittel über die abgeschlossenen Anfragen.</translation>
    </message>
    <message>
        <source>Steady state</source>
        <translation>Eingeschwungen</translation>
    </message>
    <message>
        <source>%1 – %2</source>
        <translation>%1 – %2</translation>
    </message>
    <message>
        <source>Output, steady</source>
        <translation>Ausgabe, eingeschwungen</translation>
    </message>
    <message>
        <source>tok/s</source>
        <translation>tok/s</translation>
    </message>
    <message>
        <source>Output tokens of the window ÷ its length.</source>
        <translation>Ausgabe-Token des Fensters ÷ seine Länge.</translation>
    </message>
    <message>
        <source>TTFT, steady, median</source>
        <translation>TTFT, eingeschwungen, Median</translation>
    </message>
    <message>
        <source>Of first tokens that came in the window.</source>
        <translation>Der ersten Token, die im Fenster kamen.</translation>
    </message>
    <message>
        <source>TPOT, steady, median</source>
        <translation>TPOT, eingeschwungen, Median</translation>
    </message>
    <message>
        <source>Of requests that were done in the window.</source>
        <translation>Der Anfragen, die im Fenster fertig wurden.</translation>
    </message>
    <message>
        <source>Of the requests of the class %1.</source>
        <translation>Der Anfragen der Klasse %1.</translation>
    </message>
    <message>
        <source>%1: TTFT, median</source>
        <translation>%1: TTFT, Median</translation>
    </message>
    <message>
        <source>%1: TPOT, median</source>
        <translation>%1: TPOT, Median</translation>
    </message>
    <message>
        <source>%1: output</source>
        <translation>%1: Ausgabe</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Power per GPU</source>
        <translation>Leistung je GPU</translation>
    </message>
    <message>
        <source>Energy</source>
        <translation>Energie</translation>
    </message>
    <message>
        <source>Energy by the other way</source>
        <translation>Energie auf dem anderen Weg</translation>
    </message>
    <message>
        <source>Energy per output token</source>
        <translation>Energie je Ausgabe-Token</translation>
    </message>
    <message>
        <source>Energy per token</source>
        <translation>Energie je Token</translation>
    </message>
    <message>
        <source>Power, caution</source>
        <translation>Leistung, Vorbehalt</translation>
    </message>
    <message>
        <source>What speaks against the figure.</source>
        <translation>Was gegen den Wert spricht.</translation>
    </message>
    <message>
        <source>Beside: %1</source>
        <translation>Daneben: %1</translation>
    </message>
    <message>
        <source>No power</source>
        <translation>Keine Leistung</translation>
    </message>
    <message>
        <source>Interactivity, median</source>
        <translation>Interaktivität, Median</translation>
    </message>
    <message>
        <source>Interactivity, slow tail</source>
        <translation>Interaktivität, langsames Ende</translation>
    </message>
    <message>
        <source>Total per GPU</source>
        <translation>Gesamt je GPU</translation>
    </message>
    <message>
        <source>tok/s/gpu</source>
        <translation>tok/s/gpu</translation>
    </message>
    <message>
        <source>Output per GPU</source>
        <translation>Ausgabe je GPU</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>Anfragen</translation>
    </message>
    <message>
        <source>req/s</source>
        <translation>Anfr./s</translation>
    </message>
    <message>
        <source>TTFT</source>
        <translation>TTFT</translation>
    </message>
    <message>
        <source>TPOT</source>
        <translation>TPOT</translation>
    </message>
    <message>
        <source>ITL</source>
        <translation>ITL</translation>
    </message>
    <message>
        <source>E2E</source>
        <translation>E2E</translation>
    </message>
    <message>
        <source>Item</source>
        <translation>Stück</translation>
    </message>
    <message>
        <source>Items</source>
        <translation>Stücke</translation>
    </message>
    <message>
        <source>items/s</source>
        <translation>Stück/s</translation>
    </message>
    <message>
        <source>TTFT as scheduled</source>
        <translation>TTFT nach Plan</translation>
    </message>
    <message>
        <source>Goodput</source>
        <translation>Goodput</translation>
    </message>
    <message>
        <source>Completed, failed</source>
        <translation>Abgeschlossen, gescheitert</translation>
    </message>
    <message>
        <source>Failed: %1</source>
        <translation>Gescheitert: %1</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Tokens counted by</source>
        <translation>Token gezählt von</translation>
    </message>
    <message>
        <source>As the meter of the run says; see the run.</source>
        <translation>Wie das Messgerät des Laufs es sagt; siehe den Lauf.</translation>
    </message>
    <message>
        <source>the client was the limit</source>
        <translation>der Lastgenerator war die Grenze</translation>
    </message>
    <message>
        <source>the client was not the limit</source>
        <translation>der Lastgenerator war nicht die Grenze</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Send lag, median</source>
        <translation>Sendeverzug, Median</translation>
    </message>
    <message>
        <source>Requests due, sent</source>
        <translation>Anfragen fällig, gesendet</translation>
    </message>
    <message>
        <source>%1, %2 req/s</source>
        <translation>%1, %2 Anfr./s</translation>
    </message>
    <message>
        <source>Little&apos;s law</source>
        <translation>Gesetz von Little</translation>
    </message>
    <message>
        <source>Share of the tokens in a bin (%)</source>
        <translation>Anteil der Token in einer Klasse (%)</translation>
    </message>
    <message>
        <source>Share of the requests in a bin (%)</source>
        <translation>Anteil der Anfragen in einer Klasse (%)</translation>
    </message>
    <message>
        <source>Share of the tokens at most as long (%)</source>
        <translation>Anteil der Token, die höchstens so lange dauern (%)</translation>
    </message>
    <message>
        <source>Share of the requests at most as long (%)</source>
        <translation>Anteil der Anfragen, die höchstens so lange dauern (%)</translation>
    </message>
    <message>
        <source>Runs %1 · definitions %2 · %3 = %4</source>
        <translation>Läufe %1 · Definitionen %2 · %3 = %4</translation>
    </message>
    <message>
        <source>Marks: p50, p90, p99 and p99.9 where there are samples enough, with their 95 % intervals. Warm-ups are left out.</source>
        <translation>Marken: p50, p90, p99 und p99.9, wo es genug Stichproben gibt, mit ihren 95-%-Intervallen. Ohne Aufwärmen.</translation>
    </message>
    <message>
        <source>Sent late</source>
        <translation>Zu spät gesendet</translation>
    </message>
    <message>
        <source>Waiting for the first token</source>
        <translation>Wartet auf das erste Token</translation>
    </message>
    <message>
        <source>Receiving tokens</source>
        <translation>Empfängt Token</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>Warm-up (pale)</source>
        <translation>Aufwärmen (blass)</translation>
    </message>
    <message>
        <source>… over repeats</source>
        <translation>… über die Wiederholungen</translation>
    </message>
    <message>
        <source>Concurrency</source>
        <translation>Gleichzeitigkeit</translation>
    </message>
    <message>
        <source>Repeats</source>
        <translation>Wiederholungen</translation>
    </message>
    <message>
        <source>median of %1</source>
        <translation>Median von %1</translation>
    </message>
    <message>
        <source>Frontier</source>
        <translation>Front</translation>
    </message>
    <message>
        <source>on it</source>
        <translation>auf ihr</translation>
    </message>
    <message>
        <source>below it</source>
        <translation>darunter</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>published sample</source>
        <translation>veröffentlichtes Beispiel</translation>
    </message>
    <message>
        <source>measured</source>
        <translation>gemessen</translation>
    </message>
    <message>
        <source>Runs %1</source>
        <translation>Läufe %1</translation>
    </message>
    <message>
        <source>definitions %1</source>
        <translation>Definitionen %1</translation>
    </message>
    <message>
        <source>prices %1</source>
        <translation>Preise %1</translation>
    </message>
    <message>
        <source>Source: %1</source>
        <translation>Quelle: %1</translation>
    </message>
    <message>
        <source>Requests in flight</source>
        <translation>Anfragen in Arbeit</translation>
    </message>
    <message>
        <source>Output tokens a second</source>
        <translation>Ausgabe-Token je Sekunde</translation>
    </message>
    <message>
        <source>Arrivals a second</source>
        <translation>Ankünfte je Sekunde</translation>
    </message>
    <message>
        <source>Power (W)</source>
        <translation>Leistung (W)</translation>
    </message>
    <message>
        <source>Devices busy (%)</source>
        <translation>Geräte beschäftigt (%)</translation>
    </message>
    <message>
        <source>Time since the start (s)</source>
        <translation>Zeit seit dem Start (s)</translation>
    </message>
    <message>
        <source>Slot</source>
        <translation>Platz</translation>
    </message>
    <message>
        <source>Run %1 · %2 requests, %3 failed · %4 slots</source>
        <translation>Lauf %1 · %2 Anfragen, %3 gescheitert · %4 Plätze</translation>
    </message>
    <message>
        <source> · drawn as shares: too many requests to tell apart, zoom in for each</source>
        <translation> · als Anteile gezeichnet: zu viele Anfragen, um sie zu unterscheiden; hineinzoomen zeigt jede</translation>
    </message>
    <message>
        <source>Steady state: %1 – %2 (shaded).</source>
        <translation>Eingeschwungen: %1 – %2 (hinterlegt).</translation>
    </message>
    <message>
        <source>better</source>
        <translation>besser</translation>
    </message>
    <message>
        <source>worse</source>
        <translation>schlechter</translation>
    </message>
    <message>
        <source>Day of the measurement</source>
        <translation>Tag der Messung</translation>
    </message>
    <message>
        <source>%1, by the time of its first measurement</source>
        <translation>%1, nach dem Zeitpunkt der ersten Messung</translation>
    </message>
    <message>
        <source>Runs %1 · definitions %2 · %3 = %4; read from each state&apos;s frontier at %5 = %6 %7</source>
        <translation>Läufe %1 · Definitionen %2 · %3 = %4; abgelesen von der Front jedes Standes bei %5 = %6 %7</translation>
    </message>
    <message>
        <source>Price set %1, %2</source>
        <translation>Preisliste %1, %2</translation>
    </message>
    <message>
        <source>Send lag, p99</source>
        <translation>Sendeverzug, p99</translation>
    </message>
    <message>
        <source>One request in a hundred was sent later than this.</source>
        <translation>Eine von hundert Anfragen wurde noch später gesendet.</translation>
    </message>
    <message>
        <source>Client&apos;s CPU</source>
        <translation>Prozessor des Lastgenerators</translation>
    </message>
    <message>
        <source>%1 % of %2 threads</source>
        <translation>%1 % von %2 Threads</translation>
    </message>
    <message>
        <source>Longest stall</source>
        <translation>Längste Stockung</translation>
    </message>
    <message>
        <source>good</source>
        <translation>gut</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gescheitert</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>note</source>
        <translation>Hinweis</translation>
    </message>
    <message>
        <source>Testing: name, port, host key, login, program, agent, devices …</source>
        <translation>Prüft: Name, Port, Host-Schlüssel, Anmeldung, Programm, Agent, Geräte …</translation>
    </message>
    <message>
        <source>This window measures “%1” there now.</source>
        <translation>Dieses Fenster misst dort gerade „%1“.</translation>
    </message>
    <message>
        <source>Not tested yet.</source>
        <translation>Noch nicht geprüft.</translation>
    </message>
    <message>
        <source>It can be measured on.</source>
        <translation>Auf ihm kann gemessen werden.</translation>
    </message>
    <message>
        <source>It cannot be measured on: %1</source>
        <translation>Auf ihm kann nicht gemessen werden: %1</translation>
    </message>
    <message>
        <source>program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>load over 1, 5, 15 min</source>
        <translation>Last über 1, 5, 15 min</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>state</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>bereit</translation>
    </message>
    <message>
        <source>Programs of Tokenmark there</source>
        <translation>Programme von Tokenmark dort</translation>
    </message>
    <message>
        <source>process</source>
        <translation>Prozess</translation>
    </message>
    <message>
        <source>does</source>
        <translation>Tätigkeit</translation>
    </message>
    <message>
        <source>since</source>
        <translation>seit</translation>
    </message>
    <message>
        <source>The template %1 cannot be read: %2</source>
        <translation>Die Vorlage %1 kann nicht gelesen werden: %2</translation>
    </message>
    <message>
        <source>The pages of a PDF are drawn by the program %1, which is not there. Choose HTML.</source>
        <translation>Die Seiten eines PDF zeichnet das Programm %1, das es hier nicht gibt. Bitte HTML wählen.</translation>
    </message>
    <message>
        <source>A temporary file cannot be written: %1</source>
        <translation>Eine temporäre Datei kann nicht geschrieben werden: %1</translation>
    </message>
    <message>
        <source>The pages could not be drawn: %1</source>
        <translation>Die Seiten konnten nicht gezeichnet werden: %1</translation>
    </message>
    <message>
        <source>Run %1</source>
        <translation>Lauf %1</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>Beispiel</translation>
    </message>
    <message>
        <source>1 row is equal</source>
        <translation>1 Zeile ist gleich</translation>
    </message>
    <message>
        <source>%1 rows are equal</source>
        <translation>%1 Zeilen sind gleich</translation>
    </message>
    <message>
        <source>Tested %1.</source>
        <translation>Geprüft am %1.</translation>
    </message>
    <message>
        <source>It can be measured on; the program there is another version than this one.</source>
        <translation>Auf ihm kann gemessen werden; das Programm dort hat eine andere Version als dieses.</translation>
    </message>
</context>
<context>
    <name>tokenmark::ChartPage</name>
    <message>
        <source>Export the chart</source>
        <translation>Das Diagramm exportieren</translation>
    </message>
    <message>
        <source>Previous view</source>
        <translation>Vorige Ansicht</translation>
    </message>
    <message>
        <source>Alt+Left</source>
        <translation>Alt+Left</translation>
    </message>
    <message>
        <source>Next view</source>
        <translation>Nächste Ansicht</translation>
    </message>
    <message>
        <source>Alt+Right</source>
        <translation>Alt+Right</translation>
    </message>
    <message>
        <source>Show everything</source>
        <translation>Alles zeigen</translation>
    </message>
    <message>
        <source>Ctrl+0</source>
        <translation>Ctrl+0</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Show all series</source>
        <translation>Alle Reihen zeigen</translation>
    </message>
    <message>
        <source>Ctrl+Shift+A</source>
        <translation>Ctrl+Shift+A</translation>
    </message>
    <message>
        <source>Export as P&amp;NG …</source>
        <translation>Als P&amp;NG exportieren …</translation>
    </message>
    <message>
        <source>Ctrl+E</source>
        <translation>Ctrl+E</translation>
    </message>
    <message>
        <source>Export as &amp;SVG …</source>
        <translation>Als &amp;SVG exportieren …</translation>
    </message>
    <message>
        <source>Export as &amp;PDF …</source>
        <translation>Als P&amp;DF exportieren …</translation>
    </message>
    <message>
        <source>Copy as picture</source>
        <translation>Als Bild kopieren</translation>
    </message>
    <message>
        <source>Ctrl+Shift+C</source>
        <translation>Ctrl+Shift+C</translation>
    </message>
    <message>
        <source>Copy as data</source>
        <translation>Als Daten kopieren</translation>
    </message>
    <message>
        <source>Save the chart as picture or data</source>
        <translation>Das Diagramm als Bild oder Daten speichern</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>… and %1 more notes (point here)</source>
        <translation>… und %1 weitere Hinweise (hierher zeigen)</translation>
    </message>
    <message>
        <source>No longer the baseline</source>
        <translation>Nicht mehr als Bezug</translation>
    </message>
    <message>
        <source>Pin as baseline</source>
        <translation>Als Bezug anheften</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Ausblenden</translation>
    </message>
    <message>
        <source>Show alone</source>
        <translation>Allein zeigen</translation>
    </message>
    <message>
        <source>Saved runs ✕</source>
        <translation>Gespeicherte Läufe ✕</translation>
    </message>
    <message>
        <source>The chart shows runs of its own, of a file or dropped here. Click to show those of the list again.</source>
        <translation>Das Diagramm zeigt eigene Läufe, aus einer Datei oder hierher gezogen. Klicken zeigt wieder die der Liste.</translation>
    </message>
    <message>
        <source>Values at a line</source>
        <translation>Werte an einer Linie</translation>
    </message>
    <message>
        <source>Ctrl+L</source>
        <translation>Ctrl+L</translation>
    </message>
    <message>
        <source>A line goes with the pointer and shows every series&apos; value and its ratio to the baseline (Ctrl+L). Left and Right move it, Enter pins it, A and B set two cursors, Escape takes them away.</source>
        <translation>Eine Linie folgt dem Zeiger und zeigt von jeder Reihe den Wert und sein Verhältnis zum Bezug (Ctrl+L). Die Tasten Links und Rechts bewegen sie, Enter heftet sie an, A und B setzen zwei Cursor, Escape nimmt alles weg.</translation>
    </message>
    <message>
        <source>Set cursor A here</source>
        <translation>Cursor A hierher setzen</translation>
    </message>
    <message>
        <source>Set cursor B here</source>
        <translation>Cursor B hierher setzen</translation>
    </message>
    <message>
        <source>Remove cursors</source>
        <translation>Cursor entfernen</translation>
    </message>
    <message>
        <source>Export data seen as &amp;CSV …</source>
        <translation>Sichtbare Daten als &amp;CSV exportieren …</translation>
    </message>
    <message>
        <source>Export &amp;all data as CSV …</source>
        <translation>&amp;Alle Daten als CSV exportieren …</translation>
    </message>
    <message>
        <source>Copy pinned cards</source>
        <translation>Angeheftete Karten kopieren</translation>
    </message>
    <message>
        <source>axes</source>
        <translation>Achsen</translation>
    </message>
    <message>
        <source>logarithmic axis</source>
        <translation>logarithmische Achse</translation>
    </message>
    <message>
        <source>prices</source>
        <translation>Preise</translation>
    </message>
    <message>
        <source>limits</source>
        <translation>Grenzen</translation>
    </message>
    <message>
        <source>figure</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>hidden series</source>
        <translation>ausgeblendete Reihen</translation>
    </message>
    <message>
        <source>optimal only</source>
        <translation>nur optimale</translation>
    </message>
    <message>
        <source>baseline</source>
        <translation>Bezug</translation>
    </message>
    <message>
        <source>zoom</source>
        <translation>Ausschnitt</translation>
    </message>
    <message>
        <source>line and cursors</source>
        <translation>Linie und Cursor</translation>
    </message>
    <message>
        <source>chart</source>
        <translation>Diagramm</translation>
    </message>
    <message>
        <source>opened chart</source>
        <translation>geöffnetes Diagramm</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>dropped runs</source>
        <translation>hierher gezogene Läufe</translation>
    </message>
</context>
<context>
    <name>tokenmark::CommandPalette</name>
    <message>
        <source>Palette of all actions</source>
        <translation>Palette aller Aktionen</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>Was zu tun ist</translation>
    </message>
    <message>
        <source>Type what to do: an action, a page, a setting, a run …</source>
        <translation>Was zu tun ist: eine Aktion, eine Seite, eine Einstellung, ein Lauf …</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>Was gefunden wurde</translation>
    </message>
</context>
<context>
    <name>tokenmark::ComparePage</name>
    <message>
        <source>Comparison</source>
        <translation>Vergleich</translation>
    </message>
    <message>
        <source>at equal</source>
        <translation>gleiche</translation>
    </message>
    <message>
        <source>What the series have in common where they are compared</source>
        <translation>Was die Reihen gemeinsam haben, wo sie verglichen werden</translation>
    </message>
    <message>
        <source>interactivity</source>
        <translation>Interaktivität</translation>
    </message>
    <message>
        <source>time to first token</source>
        <translation>Zeit bis zum ersten Token</translation>
    </message>
    <message>
        <source>end-to-end latency</source>
        <translation>Gesamtlatenz (E2E)</translation>
    </message>
    <message>
        <source>cost</source>
        <translation>Kosten</translation>
    </message>
    <message>
        <source>Value at which the series are compared</source>
        <translation>Wert, bei dem die Reihen verglichen werden</translation>
    </message>
    <message>
        <source>against</source>
        <translation>gegen</translation>
    </message>
    <message>
        <source>first series</source>
        <translation>erste Reihe</translation>
    </message>
    <message>
        <source>Prices and filter</source>
        <translation>Preise und Filter</translation>
    </message>
    <message>
        <source>prices</source>
        <translation>Preise</translation>
    </message>
    <message>
        <source>Price set of cost and power</source>
        <translation>Preisliste für Kosten und Leistung</translation>
    </message>
    <message>
        <source>How the hardware is paid for</source>
        <translation>Wie die Hardware bezahlt wird</translation>
    </message>
    <message>
        <source>Only significant</source>
        <translation>Nur signifikante</translation>
    </message>
    <message>
        <source>Export CSV …</source>
        <translation>CSV exportieren …</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>Reihe</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Baseline</source>
        <translation>Bezug</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>Änderung</translation>
    </message>
    <message>
        <source>95 %</source>
        <translation>95 %</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>comparison</source>
        <translation>Vergleich</translation>
    </message>
    <message>
        <source>No runs to compare</source>
        <translation>Keine Läufe zu vergleichen</translation>
    </message>
    <message>
        <source>Series %1</source>
        <translation>Reihe %1</translation>
    </message>
    <message>
        <source>Pin as baseline</source>
        <translation>Als Bezug anheften</translation>
    </message>
    <message>
        <source>Copy table as text (TSV)</source>
        <translation>Tabelle als Text (TSV) kopieren</translation>
    </message>
    <message>
        <source>Copy table as Markdown</source>
        <translation>Tabelle als Markdown kopieren</translation>
    </message>
    <message>
        <source>Export the comparison</source>
        <translation>Den Vergleich exportieren</translation>
    </message>
    <message>
        <source>%1 cannot be written; is the folder there, may it be written to, is there space?</source>
        <translation>%1 kann nicht geschrieben werden; gibt es den Ordner, darf in ihn geschrieben werden, ist Platz da?</translation>
    </message>
    <message>
        <source>The baseline: what the others are compared with</source>
        <translation>Der Bezug: womit die anderen verglichen werden</translation>
    </message>
    <message>
        <source>Frontiers</source>
        <translation>Fronten</translation>
    </message>
    <message>
        <source>Whole series, read from their frontiers where they are equal</source>
        <translation>Ganze Reihen, von ihren Fronten abgelesen, wo sie gleich sind</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>The chosen runs, each with its repeats: choose two or more in the list</source>
        <translation>Die gewählten Läufe, jeder mit seinen Wiederholungen: in der Liste zwei oder mehr wählen</translation>
    </message>
    <message>
        <source>At which value; empty: the middle of what the baseline shares with most others</source>
        <translation>Bei welchem Wert; leer: die Mitte dessen, was der Bezug mit den meisten anderen gemeinsam hat</translation>
    </message>
    <message>
        <source>Only changes that are not noise</source>
        <translation>Nur Änderungen, die kein Rauschen sind</translation>
    </message>
    <message>
        <source>Saved runs ✕</source>
        <translation>Gespeicherte Läufe ✕</translation>
    </message>
    <message>
        <source>The table shows runs of its own, of a file or dropped here. Click to show those of the list again.</source>
        <translation>Die Tabelle zeigt eigene Läufe, aus einer Datei oder hierher gezogen. Klicken zeigt wieder die der Liste.</translation>
    </message>
    <message>
        <source>Changes against the baseline</source>
        <translation>Änderungen gegen den Bezug</translation>
    </message>
    <message>
        <source>What differs between the runs</source>
        <translation>Was zwischen den Läufen anders ist</translation>
    </message>
    <message>
        <source>What differs</source>
        <translation>Was anders ist</translation>
    </message>
    <message>
        <source>opened comparison</source>
        <translation>geöffneter Vergleich</translation>
    </message>
    <message>
        <source>dropped runs</source>
        <translation>hierher gezogene Läufe</translation>
    </message>
    <message>
        <source>runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>The first %1 of %2 chosen runs</source>
        <translation>Die ersten %1 von %2 gewählten Läufen</translation>
    </message>
    <message>
        <source>Runs %1</source>
        <translation>Läufe %1</translation>
    </message>
    <message>
        <source>first run</source>
        <translation>erster Lauf</translation>
    </message>
    <message>
        <source>Run %1</source>
        <translation>Lauf %1</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Copy what differs as Markdown</source>
        <translation>Unterschiede als Markdown kopieren</translation>
    </message>
    <message>
        <source>Copy everything as Markdown</source>
        <translation>Alles als Markdown kopieren</translation>
    </message>
    <message>
        <source>It is the only series: measure another or import results, and what differs stands here.</source>
        <translation>Es ist die einzige Reihe: eine andere messen oder Ergebnisse importieren, dann steht hier, was sich unterscheidet.</translation>
    </message>
</context>
<context>
    <name>tokenmark::ConnectDialog</name>
    <message>
        <source>not reached</source>
        <translation>nicht erreicht</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>Headers of the answer</source>
        <translation>Kopfzeilen der Antwort</translation>
    </message>
    <message>
        <source>header</source>
        <translation>Kopfzeile</translation>
    </message>
    <message>
        <source>value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>%1 at %2</source>
        <translation>%1 bei %2</translation>
    </message>
    <message>
        <source>Connect to a server</source>
        <translation>Mit einem Server verbinden</translation>
    </message>
    <message>
        <source>URL</source>
        <translation>URL</translation>
    </message>
    <message>
        <source>http://host:port, without /v1</source>
        <translation>http://host:port, ohne /v1</translation>
    </message>
    <message>
        <source>API</source>
        <translation>API</translation>
    </message>
    <message>
        <source>The HTTP API that requests are sent to</source>
        <translation>Die HTTP-API, an die Anfragen gesendet werden</translation>
    </message>
    <message>
        <source>Key from</source>
        <translation>Schlüssel aus</translation>
    </message>
    <message>
        <source>Name of the environment variable that holds the key; sweeps name it too</source>
        <translation>Name der Umgebungsvariablen mit dem Schlüssel; auch Messreihen nennen sie</translation>
    </message>
    <message>
        <source>an environment variable; empty: no key</source>
        <translation>eine Umgebungsvariable; leer: kein Schlüssel</translation>
    </message>
    <message>
        <source>or key</source>
        <translation>oder Schlüssel</translation>
    </message>
    <message>
        <source>Kept in this program&apos;s memory until it ends, never in a file</source>
        <translation>Bleibt im Arbeitsspeicher dieses Programms, bis es endet, nie in einer Datei</translation>
    </message>
    <message>
        <source>only until the program ends</source>
        <translation>nur bis zum Ende des Programms</translation>
    </message>
    <message>
        <source>List its &amp;models</source>
        <translation>&amp;Modelle auflisten</translation>
    </message>
    <message>
        <source>Ask the server for the models that it serves</source>
        <translation>Den Server fragen, welche Modelle er anbietet</translation>
    </message>
    <message>
        <source>Models of the server</source>
        <translation>Modelle des Servers</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Model to try</source>
        <translation>Modell zum Probieren</translation>
    </message>
    <message>
        <source>Chosen from the list, or typed where the server lists none</source>
        <translation>Aus der Liste gewählt, oder getippt, wo der Server keine auflistet</translation>
    </message>
    <message>
        <source>Tokens to ask for</source>
        <translation>Anzahl der Token, um die gebeten wird</translation>
    </message>
    <message>
        <source>Tokens of the answer</source>
        <translation>Token der Antwort</translation>
    </message>
    <message>
        <source> tokens</source>
        <translation> Token</translation>
    </message>
    <message>
        <source>&amp;Try one request</source>
        <translation>&amp;Eine Anfrage probieren</translation>
    </message>
    <message>
        <source>Send one request of the kind that a measurement sends</source>
        <translation>Eine Anfrage senden, wie eine Messung sie sendet</translation>
    </message>
    <message>
        <source>The trial request&apos;s answer</source>
        <translation>Die Antwort auf die Probeanfrage</translation>
    </message>
    <message>
        <source>New &amp;sweep of it …</source>
        <translation>Neue Mess&amp;reihe damit …</translation>
    </message>
    <message>
        <source>Set up a sweep of this server and model in the editor</source>
        <translation>Im Editor eine Messreihe für diesen Server und dieses Modell einrichten</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close; what is typed stays until the program ends</source>
        <translation>Schließen; was getippt ist, bleibt bis zum Ende des Programms</translation>
    </message>
    <message>
        <source>A typed key is not stored. A sweep finds it in the variable %1 of this program and of the agent on this machine until the program ends; on other nodes set a variable there.</source>
        <translation>Ein getippter Schlüssel wird nicht gespeichert. Eine Messreihe findet ihn in der Variablen %1 dieses Programms und des Agenten auf diesem Rechner, bis das Programm endet; auf anderen Knoten dort eine Variable setzen.</translation>
    </message>
    <message>
        <source>Asking …</source>
        <translation>Fragt an …</translation>
    </message>
    <message>
        <source>asked</source>
        <translation>angefragt</translation>
    </message>
    <message>
        <source>status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>no answer</source>
        <translation>keine Antwort</translation>
    </message>
    <message>
        <source>1 model, answered in %1</source>
        <translation>1 Modell, Antwort in %1</translation>
    </message>
    <message>
        <source>%1 models, answered in %2</source>
        <translation>%1 Modelle, Antwort in %2</translation>
    </message>
    <message>
        <source>One request is on its way …</source>
        <translation>Eine Anfrage ist unterwegs …</translation>
    </message>
    <message>
        <source>It answers: first token after %1, then %2 tokens/s</source>
        <translation>Er antwortet: erstes Token nach %1, dann %2 Token/s</translation>
    </message>
    <message>
        <source>It answers in %1</source>
        <translation>Er antwortet in %1</translation>
    </message>
    <message>
        <source>connected after</source>
        <translation>verbunden nach</translation>
    </message>
    <message>
        <source>first token (TTFT)</source>
        <translation>erstes Token (TTFT)</translation>
    </message>
    <message>
        <source>last token</source>
        <translation>letztes Token</translation>
    </message>
    <message>
        <source>tokens/s after the first</source>
        <translation>Token/s nach dem ersten</translation>
    </message>
    <message>
        <source>output tokens</source>
        <translation>Ausgabe-Token</translation>
    </message>
    <message>
        <source>%1, as the server counts</source>
        <translation>%1, nach Zählung des Servers</translation>
    </message>
    <message>
        <source>%1 messages; the server does not count</source>
        <translation>%1 Nachrichten; der Server zählt nicht</translation>
    </message>
    <message>
        <source>input tokens</source>
        <translation>Eingabe-Token</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>Antwort</translation>
    </message>
</context>
<context>
    <name>tokenmark::DeletedRuns</name>
    <message>
        <source>Recently deleted runs</source>
        <translation>Zuletzt gelöschte Läufe</translation>
    </message>
    <message>
        <source>Deleted runs, the last deleted first</source>
        <translation>Gelöschte Läufe, der zuletzt gelöschte zuerst</translation>
    </message>
    <message>
        <source>&amp;Restore</source>
        <translation>&amp;Wiederherstellen</translation>
    </message>
    <message>
        <source>Bring the chosen runs back</source>
        <translation>Die gewählten Läufe zurückholen</translation>
    </message>
    <message>
        <source>Restore &amp;all</source>
        <translation>&amp;Alle wiederherstellen</translation>
    </message>
    <message>
        <source>Bring all of these runs back</source>
        <translation>Alle diese Läufe zurückholen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close this window</source>
        <translation>Dieses Fenster schließen</translation>
    </message>
    <message>
        <source>No run was deleted in the last 30 days.</source>
        <translation>In den letzten 30 Tagen wurde kein Lauf gelöscht.</translation>
    </message>
    <message>
        <source>%1 runs, the last deleted first. 30 days after it was deleted a run is gone for good.</source>
        <translation>%1 Läufe, der zuletzt gelöschte zuerst. 30 Tage nach dem Löschen ist ein Lauf endgültig fort.</translation>
    </message>
</context>
<context>
    <name>tokenmark::DevicesPage</name>
    <message>
        <source>measured bandwidth</source>
        <translation>gemessene Bandbreite</translation>
    </message>
    <message>
        <source>measured BF16, matrix units</source>
        <translation>gemessen BF16, Matrixeinheiten</translation>
    </message>
    <message>
        <source>measured INT8, matrix units</source>
        <translation>gemessen INT8, Matrixeinheiten</translation>
    </message>
    <message>
        <source>measured F32</source>
        <translation>gemessen F32</translation>
    </message>
    <message>
        <source>measured BF16</source>
        <translation>gemessen BF16</translation>
    </message>
    <message>
        <source>measured INT8</source>
        <translation>gemessen INT8</translation>
    </message>
    <message>
        <source>%1 choices, %2 of them not the default: %3 % faster on average</source>
        <translation>%1 Wahlen, %2 davon nicht die übliche: im Mittel %3 % schneller</translation>
    </message>
    <message>
        <source>not tuned: kernels are chosen by rule</source>
        <translation>nicht abgestimmt: Kernel werden nach Regel gewählt</translation>
    </message>
    <message>
        <source>id</source>
        <translation>Kennung</translation>
    </message>
    <message>
        <source>plugin</source>
        <translation>Plugin</translation>
    </message>
    <message>
        <source>PCI id</source>
        <translation>PCI-Kennung</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>compute units</source>
        <translation>Recheneinheiten</translation>
    </message>
    <message>
        <source>threads in lockstep</source>
        <translation>Threads im Gleichschritt</translation>
    </message>
    <message>
        <source>formats at full rate</source>
        <translation>Formate mit voller Rate</translation>
    </message>
    <message>
        <source>formats converted on the way</source>
        <translation>unterwegs gewandelte Formate</translation>
    </message>
    <message>
        <source>specified bandwidth</source>
        <translation>Bandbreite laut Datenblatt</translation>
    </message>
    <message>
        <source>specified BF16, dense</source>
        <translation>BF16 laut Datenblatt, dicht</translation>
    </message>
    <message>
        <source>tuning</source>
        <translation>Abstimmung</translation>
    </message>
    <message>
        <source>Plugins</source>
        <translation>Plugins</translation>
    </message>
    <message>
        <source>state</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>loaded: %1</source>
        <translation>geladen: %1</translation>
    </message>
    <message>
        <source>Meters of power</source>
        <translation>Leistungsmesser</translation>
    </message>
    <message>
        <source>meter</source>
        <translation>Messgerät</translation>
    </message>
    <message>
        <source>reads, or why not</source>
        <translation>liest, oder warum nicht</translation>
    </message>
    <message>
        <source>The devices cannot be listed.</source>
        <translation>Die Geräte können nicht aufgelistet werden.</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Neu suchen</translation>
    </message>
    <message>
        <source>Look for devices, plugins and meters again</source>
        <translation>Geräte, Plugins und Messgeräte neu suchen</translation>
    </message>
    <message>
        <source>Devices of this machine</source>
        <translation>Geräte dieses Rechners</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Facts of the chosen device, plugins and meters</source>
        <translation>Angaben zum gewählten Gerät, Plugins und Messgeräte</translation>
    </message>
    <message>
        <source>New sweep …</source>
        <translation>Neue Messreihe …</translation>
    </message>
    <message>
        <source>Set up a sweep on this device</source>
        <translation>Eine Messreihe auf diesem Gerät einrichten</translation>
    </message>
    <message>
        <source>Measure ceilings</source>
        <translation>Höchstwerte messen</translation>
    </message>
    <message>
        <source>Measure what the devices reach at best: bandwidth and arithmetic</source>
        <translation>Messen, was die Geräte bestenfalls erreichen: Bandbreite und Rechenleistung</translation>
    </message>
    <message>
        <source>Tune</source>
        <translation>Abstimmen</translation>
    </message>
    <message>
        <source>Measure which kernels are fastest on this device, and use them from now on</source>
        <translation>Messen, welche Kernel auf diesem Gerät am schnellsten sind, und sie von nun an benutzen</translation>
    </message>
    <message>
        <source>Looking for devices …</source>
        <translation>Suche nach Geräten …</translation>
    </message>
    <message>
        <source>The answer about the devices cannot be read.</source>
        <translation>Die Antwort über die Geräte kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>bereit</translation>
    </message>
    <message>
        <source>not available</source>
        <translation>nicht verfügbar</translation>
    </message>
    <message>
        <source>1 device is ready</source>
        <translation>1 Gerät ist bereit</translation>
    </message>
    <message>
        <source>%1 devices are ready</source>
        <translation>%1 Geräte sind bereit</translation>
    </message>
    <message>
        <source>No device chosen</source>
        <translation>Kein Gerät gewählt</translation>
    </message>
    <message>
        <source>Choose a device to see what it can do.</source>
        <translation>Ein Gerät wählen, um zu sehen, was es kann.</translation>
    </message>
    <message>
        <source>Cannot be used: %1</source>
        <translation>Nicht nutzbar: %1</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Measure ceilings: %1: %2</source>
        <translation>Höchstwerte messen: %1: %2</translation>
    </message>
    <message>
        <source>Tune %1</source>
        <translation>%1 abstimmen</translation>
    </message>
</context>
<context>
    <name>tokenmark::DistributionPlot</name>
    <message>
        <source>95 % interval</source>
        <translation>95-%-Intervall</translation>
    </message>
    <message>
        <source>too few samples</source>
        <translation>zu wenige Stichproben</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>Stichproben</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>At most %1</source>
        <translation>Höchstens %1</translation>
    </message>
</context>
<context>
    <name>tokenmark::DistributionsPage</name>
    <message>
        <source>Distribution of a latency</source>
        <translation>Verteilung einer Latenz</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>figure</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Latency whose distribution is shown</source>
        <translation>Latenz, deren Verteilung gezeigt wird</translation>
    </message>
    <message>
        <source>Histogram</source>
        <translation>Histogramm</translation>
    </message>
    <message>
        <source>Ctrl+Shift+H</source>
        <translation>Ctrl+Shift+H</translation>
    </message>
    <message>
        <source>log x</source>
        <translation>log x</translation>
    </message>
    <message>
        <source>Ctrl+Shift+X</source>
        <translation>Ctrl+Shift+X</translation>
    </message>
    <message>
        <source>The first %1 of %2 chosen runs are shown.</source>
        <translation>Die ersten %1 von %2 gewählten Läufen werden gezeigt.</translation>
    </message>
    <message>
        <source>Reading the event logs …</source>
        <translation>Liest die Ereignisprotokolle …</translation>
    </message>
    <message>
        <source>Choose a run in the list on the left, or several to lay them over each other:
their requests&apos; latencies are shown here.</source>
        <translation>Links in der Liste einen Lauf wählen, oder mehrere, um sie übereinanderzulegen:
hier erscheinen die Latenzen ihrer Anfragen.</translation>
    </message>
    <message>
        <source>Distributions</source>
        <translation>Verteilungen</translation>
    </message>
</context>
<context>
    <name>tokenmark::DownloadDialog</name>
    <message>
        <source>Download a model</source>
        <translation>Ein Modell herunterladen</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>https://…, or hf:OWNER/NAME/FILE</source>
        <translation>https://…, oder hf:OWNER/NAME/FILE</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Choose …</source>
        <translation>Wählen …</translation>
    </message>
    <message>
        <source>Choose the folder that the file goes into</source>
        <translation>Den Ordner wählen, in den die Datei kommt</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>if it is known; else what the server tells is checked</source>
        <translation>falls bekannt; sonst wird geprüft, was der Server nennt</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Where the file goes</source>
        <translation>Wohin die Datei kommt</translation>
    </message>
    <message>
        <source>What was stopped or broke goes on where it was when the same is downloaded again.</source>
        <translation>Was abgebrochen wurde oder abriss, geht dort weiter, wo es war, wenn dasselbe noch einmal heruntergeladen wird.</translation>
    </message>
    <message>
        <source>This is no address of a file: it should begin with https://, http:// or hf: and end with the file&apos;s name.</source>
        <translation>Das ist keine Adresse einer Datei: sie muss mit https://, http:// oder hf: beginnen und mit dem Namen der Datei enden.</translation>
    </message>
    <message>
        <source>A SHA-256 has 64 digits, 0 to 9 and a to f.</source>
        <translation>Ein SHA-256 hat 64 Stellen, 0 bis 9 und a bis f.</translation>
    </message>
    <message>
        <source>%1 is there already.</source>
        <translation>%1 ist schon da.</translation>
    </message>
    <message>
        <source>%1: the part that is there is gone on with.</source>
        <translation>%1: der Teil, der schon da ist, wird fortgesetzt.</translation>
    </message>
</context>
<context>
    <name>tokenmark::FailedPoints</name>
    <message>
        <source>None of the chosen runs is a failed point of a sweep.</source>
        <translation>Keiner der gewählten Läufe ist ein gescheiterter Punkt einer Messreihe.</translation>
    </message>
</context>
<context>
    <name>tokenmark::FirstRunBanner</name>
    <message>
        <source>How fast is this machine?</source>
        <translation>Wie schnell ist dieser Rechner?</translation>
    </message>
    <message>
        <source>The chart shows published sample results. A sweep of about one minute runs the embedded engine here and draws its points beside them.</source>
        <translation>Das Diagramm zeigt veröffentlichte Beispielergebnisse. Eine Messreihe von etwa einer Minute lässt die eingebaute Engine hier laufen und zeichnet ihre Punkte daneben.</translation>
    </message>
    <message>
        <source>Measure this machine</source>
        <translation>Diesen Rechner messen</translation>
    </message>
    <message>
        <source>Run the built-in one-minute sweep of the embedded engine (Ctrl+M)</source>
        <translation>Die eingebaute Messreihe von einer Minute mit der eingebauten Engine ausführen (Ctrl+M)</translation>
    </message>
    <message>
        <source>Measuring …</source>
        <translation>Misst …</translation>
    </message>
</context>
<context>
    <name>tokenmark::Format</name>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
    <message>
        <source>  (%1 – %2)</source>
        <translation>  (%1 – %2)</translation>
    </message>
</context>
<context>
    <name>tokenmark::FrontierPage</name>
    <message>
        <source>No runs to draw.
Measure this machine, or start a sweep.</source>
        <translation>Keine Läufe zu zeichnen.
Diesen Rechner messen oder eine Messreihe starten.</translation>
    </message>
    <message>
        <source>log x</source>
        <translation>log x</translation>
    </message>
    <message>
        <source>Ctrl+Shift+X</source>
        <translation>Ctrl+Shift+X</translation>
    </message>
    <message>
        <source>log y</source>
        <translation>log y</translation>
    </message>
    <message>
        <source>Ctrl+Shift+Y</source>
        <translation>Ctrl+Shift+Y</translation>
    </message>
    <message>
        <source>Optimal only</source>
        <translation>Nur optimale</translation>
    </message>
    <message>
        <source>Ctrl+Shift+O</source>
        <translation>Ctrl+Shift+O</translation>
    </message>
    <message>
        <source>Axes</source>
        <translation>Achsen</translation>
    </message>
    <message>
        <source>y</source>
        <translation>y</translation>
    </message>
    <message>
        <source>Figure of the vertical axis</source>
        <translation>Größe der senkrechten Achse</translation>
    </message>
    <message>
        <source>x</source>
        <translation>x</translation>
    </message>
    <message>
        <source>Figure of the horizontal axis</source>
        <translation>Größe der waagerechten Achse</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>prices</source>
        <translation>Preise</translation>
    </message>
    <message>
        <source>Price set of cost and power</source>
        <translation>Preisliste für Kosten und Leistung</translation>
    </message>
    <message>
        <source>How the hardware is paid for</source>
        <translation>Wie die Hardware bezahlt wird</translation>
    </message>
    <message>
        <source>%1 of %2 runs</source>
        <translation>%1 von %2 Läufen</translation>
    </message>
    <message>
        <source>prices %1</source>
        <translation>Preise %1</translation>
    </message>
    <message>
        <source>Source: %1</source>
        <translation>Quelle: %1</translation>
    </message>
    <message>
        <source>%1 chart</source>
        <translation>Diagramm: %1</translation>
    </message>
    <message>
        <source>task</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <source>Task whose score is drawn</source>
        <translation>Aufgabe, deren Punktzahl gezeichnet wird</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source> ms</source>
        <translation> ms</translation>
    </message>
    <message>
        <source> s</source>
        <translation> s</translation>
    </message>
    <message>
        <source>TTFT ≤</source>
        <translation>TTFT ≤</translation>
    </message>
    <message>
        <source>Limit of the time to first token: a line on its axis</source>
        <translation>Grenze der Zeit bis zum ersten Token: eine Linie an ihrer Achse</translation>
    </message>
    <message>
        <source>TPOT ≤</source>
        <translation>TPOT ≤</translation>
    </message>
    <message>
        <source>Limit of the time per output token: a line on its axis</source>
        <translation>Grenze der Zeit je Ausgabe-Token: eine Linie an ihrer Achse</translation>
    </message>
    <message>
        <source>first of each run</source>
        <translation>die erste jedes Laufs</translation>
    </message>
    <message>
        <source>baseline %1</source>
        <translation>Bezug %1</translation>
    </message>
    <message>
        <source>None of the runs can be drawn here:
why is said below the chart.</source>
        <translation>Keiner der Läufe lässt sich hier zeichnen:
warum, steht unter dem Diagramm.</translation>
    </message>
</context>
<context>
    <name>tokenmark::HelpWindow</name>
    <message>
        <source>Tokenmark: user guide</source>
        <translation>Tokenmark: Handbuch</translation>
    </message>
    <message>
        <source>Chapter of the guide</source>
        <translation>Kapitel des Handbuchs</translation>
    </message>
    <message>
        <source>The chapter before</source>
        <translation>Das Kapitel davor</translation>
    </message>
    <message>
        <source>The chapter after</source>
        <translation>Das Kapitel danach</translation>
    </message>
    <message>
        <source>Search the guide</source>
        <translation>Im Handbuch suchen</translation>
    </message>
    <message>
        <source>Chapters</source>
        <translation>Kapitel</translation>
    </message>
    <message>
        <source>| Action | Menu | Shortcut |</source>
        <translation>| Aktion | Menü | Tastenkürzel |</translation>
    </message>
</context>
<context>
    <name>tokenmark::InspectorDock</name>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation>Inspektor</translation>
    </message>
    <message>
        <source>Facts of the chosen run</source>
        <translation>Angaben zum gewählten Lauf</translation>
    </message>
    <message>
        <source>No run chosen</source>
        <translation>Kein Lauf gewählt</translation>
    </message>
    <message>
        <source>Choose a run in the list or click a point of the chart.</source>
        <translation>In der Liste einen Lauf wählen oder im Diagramm auf einen Punkt klicken.</translation>
    </message>
    <message>
        <source>published sample, not measured here</source>
        <translation>veröffentlichtes Beispiel, nicht hier gemessen</translation>
    </message>
    <message>
        <source>Run %1</source>
        <translation>Lauf %1</translation>
    </message>
    <message>
        <source>random weights: speed is real, text is not</source>
        <translation>zufällige Gewichte: die Geschwindigkeit ist echt, der Text nicht</translation>
    </message>
    <message>
        <source>not comparable with MLPerf: %1</source>
        <translation>nicht mit MLPerf vergleichbar: %1</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Meldung</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>Umgebung</translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>Größen</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>over %1 items</source>
        <translation>über %1 Stücke</translation>
    </message>
    <message>
        <source>%1 · failed</source>
        <translation>%1 · gescheitert</translation>
    </message>
    <message>
        <source>Self-check</source>
        <translation>Selbstprüfung</translation>
    </message>
    <message>
        <source>Configuration</source>
        <translation>Konfiguration</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Hardware</source>
        <translation>Hardware</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Framework</source>
        <translation>Framework</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Accelerators</source>
        <translation>Beschleuniger</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>Sweep</source>
        <translation>Messreihe</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Copy &amp;value</source>
        <translation>&amp;Wert kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;row</source>
        <translation>&amp;Zeile kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;all as JSON</source>
        <translation>&amp;Alles als JSON kopieren</translation>
    </message>
    <message>
        <source>%1 runs side by side</source>
        <translation>%1 Läufe nebeneinander</translation>
    </message>
    <message>
        <source>The first %1 of %2 chosen runs. What is equal for all is folded.</source>
        <translation>Die ersten %1 von %2 gewählten Läufen. Was bei allen gleich ist, ist eingeklappt.</translation>
    </message>
    <message>
        <source>What is equal for all is folded.</source>
        <translation>Was bei allen gleich ist, ist eingeklappt.</translation>
    </message>
    <message>
        <source>Reproduce …</source>
        <translation>Nachmessen …</translation>
    </message>
    <message>
        <source>How this run is measured again: a sweep file, a command, what its server was started with</source>
        <translation>Wie dieser Lauf noch einmal gemessen wird: eine Messreihendatei, ein Befehl, womit sein Server gestartet wurde</translation>
    </message>
    <message>
        <source>Why the run has no result</source>
        <translation>Warum der Lauf kein Ergebnis hat</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>Measured here, imported from another tool&apos;s file, or published.</source>
        <translation>Hier gemessen, aus der Datei eines anderen Werkzeugs eingelesen, oder veröffentlicht.</translation>
    </message>
    <message>
        <source>Definitions</source>
        <translation>Definitionen</translation>
    </message>
    <message>
        <source>The version of the figures&apos; definitions (core/metrics/figures.h).</source>
        <translation>Die Version der Definitionen der Größen (core/metrics/figures.h).</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>The server&apos;s usage, the tokenizer, or the engine.</source>
        <translation>Die Angabe des Servers, der Tokenizer oder die Engine.</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Who measured the power, and how.</source>
        <translation>Wer die Leistung gemessen hat, und wie.</translation>
    </message>
    <message>
        <source>Compare with baseline</source>
        <translation>Mit dem Bezug vergleichen</translation>
    </message>
    <message>
        <source>All figures against those of the baseline, and what differs in configuration and environment</source>
        <translation>Alle Größen gegen die des Bezugs, und was in Konfiguration und Umgebung anders ist</translation>
    </message>
    <message>
        <source>Pin as baseline</source>
        <translation>Als Bezug anheften</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitverlauf</translation>
    </message>
    <message>
        <source>All requests of this run on a time axis</source>
        <translation>Alle Anfragen dieses Laufs auf einer Zeitachse</translation>
    </message>
    <message>
        <source>Distributions</source>
        <translation>Verteilungen</translation>
    </message>
    <message>
        <source>How this run&apos;s latencies are distributed</source>
        <translation>Wie die Latenzen dieses Laufs verteilt sind</translation>
    </message>
    <message>
        <source>No longer the baseline</source>
        <translation>Nicht mehr als Bezug</translation>
    </message>
    <message>
        <source>Others are compared with this run now</source>
        <translation>Andere werden jetzt mit diesem Lauf verglichen</translation>
    </message>
    <message>
        <source>Others are compared with this run, and its series with theirs</source>
        <translation>Andere werden mit diesem Lauf verglichen, und ihre Reihen mit seiner</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
</context>
<context>
    <name>tokenmark::Job</name>
    <message>
        <source>cancelled before it began</source>
        <translation>abgebrochen, bevor es begann</translation>
    </message>
    <message>
        <source>stopping …</source>
        <translation>hält an …</translation>
    </message>
    <message>
        <source>goes on</source>
        <translation>geht weiter</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
</context>
<context>
    <name>tokenmark::JobRow</name>
    <message>
        <source>Progress of %1</source>
        <translation>Fortschritt von %1</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>Do it earlier (Alt+Up)</source>
        <translation>Früher ausführen (Alt+Up)</translation>
    </message>
    <message>
        <source>Do it later (Alt+Down)</source>
        <translation>Später ausführen (Alt+Down)</translation>
    </message>
    <message>
        <source>Pause at once: the point in flight is given up and measured again</source>
        <translation>Sofort anhalten: der laufende Punkt wird aufgegeben und noch einmal gemessen</translation>
    </message>
    <message>
        <source>pausing when this point is done · %1</source>
        <translation>hält an, wenn dieser Punkt fertig ist · %1</translation>
    </message>
    <message>
        <source>Go on (Space)</source>
        <translation>Weitermachen (Space)</translation>
    </message>
    <message>
        <source>Do not pause (Space)</source>
        <translation>Nicht anhalten (Space)</translation>
    </message>
    <message>
        <source>Pause when this point is done (Space); Shift+Space: at once</source>
        <translation>Anhalten, wenn dieser Punkt fertig ist (Space); Shift+Space: sofort</translation>
    </message>
    <message>
        <source>Remove from the list (Delete)</source>
        <translation>Aus der Liste entfernen (Delete)</translation>
    </message>
    <message>
        <source>Cancel; what is finished is kept (Delete)</source>
        <translation>Abbrechen; was fertig ist, bleibt (Delete)</translation>
    </message>
</context>
<context>
    <name>tokenmark::JobsDock</name>
    <message>
        <source>Jobs</source>
        <translation>Aufträge</translation>
    </message>
    <message>
        <source>Nothing is running.</source>
        <translation>Es läuft nichts.</translation>
    </message>
    <message>
        <source>Log of the chosen job</source>
        <translation>Protokoll des gewählten Auftrags</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gescheitert</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>Remove the finished ones</source>
        <translation>Fertige entfernen</translation>
    </message>
    <message>
        <source>Remove all finished jobs from the list; their runs stay</source>
        <translation>Alle fertigen Aufträge aus der Liste entfernen; ihre Läufe bleiben</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
</context>
<context>
    <name>tokenmark::MainWindow</name>
    <message>
        <source>Tokenmark</source>
        <translation>Tokenmark</translation>
    </message>
    <message>
        <source>Frontier</source>
        <translation>Front</translation>
    </message>
    <message>
        <source>Distributions</source>
        <translation>Verteilungen</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitverlauf</translation>
    </message>
    <message>
        <source>Trend</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>Prices</source>
        <translation>Preise</translation>
    </message>
    <message>
        <source>The store: every run is kept in this file</source>
        <translation>Der Speicher: jeder Lauf wird in dieser Datei aufbewahrt</translation>
    </message>
    <message>
        <source>Written: %1</source>
        <translation>Geschrieben: %1</translation>
    </message>
    <message>
        <source>Close Tokenmark</source>
        <translation>Tokenmark schließen</translation>
    </message>
    <message>
        <source>Stop and close</source>
        <translation>Anhalten und schließen</translation>
    </message>
    <message>
        <source>Keep measuring</source>
        <translation>Weiter messen</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Import results …</source>
        <translation>Ergebnisse &amp;einlesen …</translation>
    </message>
    <message>
        <source>Ctrl+I</source>
        <translation>Ctrl+I</translation>
    </message>
    <message>
        <source>Results of InferenceX, vLLM, SGLang, GuideLLM, AIPerf, MLPerf and the check of a GPU into the store</source>
        <translation>Ergebnisse von InferenceX, vLLM, SGLang, GuideLLM, AIPerf, MLPerf und der GPU-Prüfung in den Speicher</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>Take the last change back</source>
        <translation>Die letzte Änderung zurücknehmen</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>Make the change again that was taken back</source>
        <translation>Die zurückgenommene Änderung wieder machen</translation>
    </message>
    <message>
        <source>&amp;Measure</source>
        <translation>&amp;Messen</translation>
    </message>
    <message>
        <source>&amp;Measure this machine</source>
        <translation>Diesen Rechner &amp;messen</translation>
    </message>
    <message>
        <source>Ctrl+M</source>
        <translation>Ctrl+M</translation>
    </message>
    <message>
        <source>Run the built-in one-minute sweep of the embedded engine</source>
        <translation>Die eingebaute Messreihe von einer Minute mit der eingebauten Engine ausführen</translation>
    </message>
    <message>
        <source>&amp;New sweep …</source>
        <translation>&amp;Neue Messreihe …</translation>
    </message>
    <message>
        <source>Write a sweep for the embedded engine or a server, and start it</source>
        <translation>Eine Messreihe für die eingebaute Engine oder einen Server schreiben und starten</translation>
    </message>
    <message>
        <source>&amp;Cancel all jobs</source>
        <translation>Alle Aufträge &amp;abbrechen</translation>
    </message>
    <message>
        <source>Ctrl+.</source>
        <translation>Ctrl+.</translation>
    </message>
    <message>
        <source>Stop what is running; what is finished is kept</source>
        <translation>Anhalten, was läuft; was fertig ist, bleibt</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Models</source>
        <translation>&amp;Modelle</translation>
    </message>
    <message>
        <source>Ctrl+Shift+M</source>
        <translation>Ctrl+Shift+M</translation>
    </message>
    <message>
        <source>The models on this machine: facts, fit, quantise</source>
        <translation>Die Modelle auf diesem Rechner: Angaben, Platzbedarf, Quantisieren</translation>
    </message>
    <message>
        <source>&amp;Devices</source>
        <translation>&amp;Geräte</translation>
    </message>
    <message>
        <source>Ctrl+Shift+D</source>
        <translation>Ctrl+Shift+D</translation>
    </message>
    <message>
        <source>The devices of this machine: what they can do, why one cannot be used, what they reach</source>
        <translation>Die Geräte dieses Rechners: was sie können, warum eines nicht nutzbar ist, was sie erreichen</translation>
    </message>
    <message>
        <source>&amp;Prices and power</source>
        <translation>&amp;Preise und Leistung</translation>
    </message>
    <message>
        <source>Ctrl+Shift+P</source>
        <translation>Ctrl+Shift+P</translation>
    </message>
    <message>
        <source>The price sets: what an hour and a kilowatt of a device cost</source>
        <translation>Die Preislisten: was eine Stunde und ein Kilowatt eines Geräts kosten</translation>
    </message>
    <message>
        <source>&amp;Settings</source>
        <translation>&amp;Einstellungen</translation>
    </message>
    <message>
        <source>Ctrl+,</source>
        <translation>Ctrl+,</translation>
    </message>
    <message>
        <source>Look, files, exports, shortcuts</source>
        <translation>Aussehen, Dateien, Exporte, Tastenkürzel</translation>
    </message>
    <message>
        <source>&amp;Find runs</source>
        <translation>Läufe &amp;finden</translation>
    </message>
    <message>
        <source>Search the list of runs</source>
        <translation>In der Liste der Läufe suchen</translation>
    </message>
    <message>
        <source>Sample &amp;results</source>
        <translation>&amp;Beispielergebnisse</translation>
    </message>
    <message>
        <source>Show published results beside your own</source>
        <translation>Veröffentlichte Ergebnisse neben den eigenen zeigen</translation>
    </message>
    <message>
        <source>Reset &amp;layout</source>
        <translation>Anordnung &amp;zurücksetzen</translation>
    </message>
    <message>
        <source>Ctrl+Shift+R</source>
        <translation>Ctrl+Shift+R</translation>
    </message>
    <message>
        <source>Put every panel back in its place</source>
        <translation>Alle Bereiche wieder an ihren Platz stellen</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Farbschema</translation>
    </message>
    <message>
        <source>&amp;System</source>
        <translation>&amp;System</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Hell</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
    <message>
        <source>Colours of window and charts</source>
        <translation>Farben von Fenster und Diagrammen</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;User guide</source>
        <translation>&amp;Handbuch</translation>
    </message>
    <message>
        <source>What is in front of you, explained</source>
        <translation>Was gerade vor Ihnen ist, erklärt</translation>
    </message>
    <message>
        <source>&amp;Shortcuts</source>
        <translation>&amp;Tastenkürzel</translation>
    </message>
    <message>
        <source>All shortcuts in the guide</source>
        <translation>Alle Tastenkürzel im Handbuch</translation>
    </message>
    <message>
        <source>&amp;About Tokenmark</source>
        <translation>&amp;Über Tokenmark</translation>
    </message>
    <message>
        <source>Version, licence, libraries</source>
        <translation>Version, Lizenz, Bibliotheken</translation>
    </message>
    <message>
        <source>About Tokenmark</source>
        <translation>Über Tokenmark</translation>
    </message>
    <message>
        <source>&lt;h3&gt;Tokenmark %1&lt;/h3&gt;&lt;p&gt;A workbench for LLM inference benchmarks.&lt;/p&gt;&lt;p&gt;Commit %2, %3, Qt %4&lt;/p&gt;&lt;p&gt;GPL-3.0-or-later. Charts are drawn with QCustomPlot.&lt;/p&gt;</source>
        <translation>&lt;h3&gt;Tokenmark %1&lt;/h3&gt;&lt;p&gt;Eine Werkbank für Messungen der Inferenz großer Sprachmodelle.&lt;/p&gt;&lt;p&gt;Commit %2, %3, Qt %4&lt;/p&gt;&lt;p&gt;GPL-3.0-or-later. Diagramme werden mit QCustomPlot gezeichnet.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>Import results</source>
        <translation>Ergebnisse einlesen</translation>
    </message>
    <message>
        <source>What the files do not say, such as: gpus=8 hw=h200 precision=fp4 framework=vllm
(may stay empty: figures per GPU are then absent)</source>
        <translation>Was die Dateien nicht sagen, etwa: gpus=8 hw=h200 precision=fp4 framework=vllm
(darf leer bleiben: Größen je GPU fehlen dann)</translation>
    </message>
    <message>
        <source>Import: %1</source>
        <translation>Einlesen: %1</translation>
    </message>
    <message>
        <source>%1 runs imported, %2 were here already</source>
        <translation>%1 Läufe eingelesen, %2 waren schon da</translation>
    </message>
    <message>
        <source>%1 runs imported</source>
        <translation>%1 Läufe eingelesen</translation>
    </message>
    <message>
        <source>%1 is not there.</source>
        <translation>%1 gibt es nicht.</translation>
    </message>
    <message>
        <source>%1 (on)</source>
        <translation>%1 (an)</translation>
    </message>
    <message>
        <source>%1 (off)</source>
        <translation>%1 (aus)</translation>
    </message>
    <message>
        <source>not possible now</source>
        <translation>jetzt nicht möglich</translation>
    </message>
    <message>
        <source>Open %1</source>
        <translation>%1 öffnen</translation>
    </message>
    <message>
        <source>page</source>
        <translation>Seite</translation>
    </message>
    <message>
        <source>chosen</source>
        <translation>gewählt</translation>
    </message>
    <message>
        <source>does not count for this chart</source>
        <translation>zählt für dieses Diagramm nicht</translation>
    </message>
    <message>
        <source>Open file %1</source>
        <translation>Datei %1 öffnen</translation>
    </message>
    <message>
        <source>Layout %1</source>
        <translation>Anordnung %1</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Setting: %1</source>
        <translation>Einstellung: %1</translation>
    </message>
    <message>
        <source>Price set %1</source>
        <translation>Preisliste %1</translation>
    </message>
    <message>
        <source>Guide: %1</source>
        <translation>Handbuch: %1</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Run %1: %2</source>
        <translation>Lauf %1: %2</translation>
    </message>
    <message>
        <source>concurrency %1</source>
        <translation>Gleichzeitigkeit %1</translation>
    </message>
    <message>
        <source>&amp;Palette …</source>
        <translation>&amp;Palette …</translation>
    </message>
    <message>
        <source>Ctrl+K</source>
        <translation>Ctrl+K</translation>
    </message>
    <message>
        <source>Find and run anything by a few letters</source>
        <translation>Alles mit ein paar Buchstaben finden und ausführen</translation>
    </message>
    <message>
        <source>Search the runs for %1</source>
        <translation>In den Läufen nach %1 suchen</translation>
    </message>
    <message>
        <source>list of runs</source>
        <translation>Liste der Läufe</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Measure this machine</source>
        <translation>Diesen Rechner messen</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
    <message>
        <source>Sweep on %1</source>
        <translation>Messreihe auf %1</translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>A measurement is running. Its finished points are kept; the point that is being measured is lost. What is left is offered at the next start.</source>
        <translation>Eine Messung läuft. Ihre fertigen Punkte bleiben; der Punkt, der gerade gemessen wird, geht verloren. Was übrig ist, wird beim nächsten Start angeboten.</translation>
    </message>
    <message>
        <source>&amp;Open bundle …</source>
        <translation>Paket ö&amp;ffnen …</translation>
    </message>
    <message>
        <source>Runs that were saved as a bundle, here or elsewhere, into the store</source>
        <translation>Läufe, die hier oder anderswo als Paket gespeichert wurden, in den Speicher</translation>
    </message>
    <message>
        <source>&amp;Report …</source>
        <translation>Be&amp;richt …</translation>
    </message>
    <message>
        <source>Ctrl+R</source>
        <translation>Ctrl+R</translation>
    </message>
    <message>
        <source>A report of runs as one HTML file or as PDF</source>
        <translation>Ein Bericht über Läufe als eine HTML-Datei oder als PDF</translation>
    </message>
    <message>
        <source>Connect to a &amp;server …</source>
        <translation>Mit einem &amp;Server verbinden …</translation>
    </message>
    <message>
        <source>Ctrl+Shift+N</source>
        <translation>Ctrl+Shift+N</translation>
    </message>
    <message>
        <source>Ask a server for its models, try one request, and set up a sweep of it</source>
        <translation>Einen Server nach seinen Modellen fragen, eine Anfrage probieren und eine Messreihe dafür einrichten</translation>
    </message>
    <message>
        <source>&amp;Retry failed points</source>
        <translation>Gescheiterte Punkte &amp;wiederholen</translation>
    </message>
    <message>
        <source>Ctrl+Shift+F</source>
        <translation>Ctrl+Shift+F</translation>
    </message>
    <message>
        <source>Measure the failed points of the chosen runs&apos; sweeps again, and only those</source>
        <translation>Die gescheiterten Punkte der Messreihen der gewählten Läufe noch einmal messen, und nur diese</translation>
    </message>
    <message>
        <source>&amp;Nodes</source>
        <translation>&amp;Knoten</translation>
    </message>
    <message>
        <source>Ctrl+Shift+G</source>
        <translation>Ctrl+Shift+G</translation>
    </message>
    <message>
        <source>The machines that can be measured on: whether they can, and what runs there</source>
        <translation>Die Rechner, auf denen gemessen werden kann: ob sie es können, und was dort läuft</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Latenz</translation>
    </message>
    <message>
        <source>Cost</source>
        <translation>Kosten</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Last</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleich</translation>
    </message>
    <message>
        <source>&amp;Open chart …</source>
        <translation>&amp;Diagramm öffnen …</translation>
    </message>
    <message>
        <source>Ctrl+O</source>
        <translation>Ctrl+O</translation>
    </message>
    <message>
        <source>Show a chart that was saved (*.chart.json)</source>
        <translation>Ein gespeichertes Diagramm zeigen (*.chart.json)</translation>
    </message>
    <message>
        <source>&amp;Save chart as …</source>
        <translation>Diagramm &amp;speichern unter …</translation>
    </message>
    <message>
        <source>Ctrl+S</source>
        <translation>Ctrl+S</translation>
    </message>
    <message>
        <source>Keep what the current chart shows, and how: axes, runs, view, baseline</source>
        <translation>Aufbewahren, was das aktuelle Diagramm zeigt, und wie: Achsen, Läufe, Ansicht, Bezug</translation>
    </message>
    <message>
        <source>Ctrl+B</source>
        <translation>Ctrl+B</translation>
    </message>
    <message>
        <source>&amp;Compare</source>
        <translation>&amp;Vergleich</translation>
    </message>
    <message>
        <source>Ctrl+Shift+K</source>
        <translation>Ctrl+Shift+K</translation>
    </message>
    <message>
        <source>Next tab</source>
        <translation>Nächster Reiter</translation>
    </message>
    <message>
        <source>Ctrl+PgDown</source>
        <translation>Ctrl+PgDown</translation>
    </message>
    <message>
        <source>The tab to the right</source>
        <translation>Der Reiter rechts</translation>
    </message>
    <message>
        <source>Previous tab</source>
        <translation>Voriger Reiter</translation>
    </message>
    <message>
        <source>Ctrl+PgUp</source>
        <translation>Ctrl+PgUp</translation>
    </message>
    <message>
        <source>The tab to the left</source>
        <translation>Der Reiter links</translation>
    </message>
    <message>
        <source>Move tab to the &amp;other side</source>
        <translation>Reiter auf die &amp;andere Seite</translation>
    </message>
    <message>
        <source>Ctrl+Shift+T</source>
        <translation>Ctrl+Shift+T</translation>
    </message>
    <message>
        <source>Show two charts side by side</source>
        <translation>Zwei Diagramme nebeneinander zeigen</translation>
    </message>
    <message>
        <source>baseline</source>
        <translation>Bezug</translation>
    </message>
    <message>
        <source>Open chart</source>
        <translation>Diagramm öffnen</translation>
    </message>
    <message>
        <source>Charts (*.chart.json);;All files (*)</source>
        <translation>Diagramme (*.chart.json);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Save chart</source>
        <translation>Diagramm speichern</translation>
    </message>
    <message>
        <source>Charts (*.chart.json)</source>
        <translation>Diagramme (*.chart.json)</translation>
    </message>
    <message>
        <source>%1 cannot be written; is the folder there, may it be written to, is there space?</source>
        <translation>%1 kann nicht geschrieben werden; gibt es den Ordner, darf in ihn geschrieben werden, ist Platz da?</translation>
    </message>
    <message>
        <source>&amp;Inspect</source>
        <translation>Im &amp;Inspektor zeigen</translation>
    </message>
    <message>
        <source>Re&amp;produce …</source>
        <translation>Re&amp;produzieren …</translation>
    </message>
    <message>
        <source>&amp;Copy values</source>
        <translation>Werte &amp;kopieren</translation>
    </message>
    <message>
        <source>Rep&amp;ort of them …</source>
        <translation>&amp;Bericht darüber …</translation>
    </message>
    <message>
        <source>The report that was written last</source>
        <translation>Der zuletzt geschriebene Bericht</translation>
    </message>
    <message>
        <source>Report: %1</source>
        <translation>Bericht: %1</translation>
    </message>
    <message>
        <source>Save bundle</source>
        <translation>Paket speichern</translation>
    </message>
    <message>
        <source>Bundles of runs (*.tokenmark)</source>
        <translation>Pakete von Läufen (*.tokenmark)</translation>
    </message>
    <message>
        <source>Written: %1 (%2 runs)</source>
        <translation>Geschrieben: %1 (%2 Läufe)</translation>
    </message>
    <message>
        <source>Open bundle</source>
        <translation>Paket öffnen</translation>
    </message>
    <message>
        <source>Bundles of runs (*.tokenmark);;All files (*)</source>
        <translation>Pakete von Läufen (*.tokenmark);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>%1 runs opened, %2 were here already</source>
        <translation>%1 Läufe geöffnet, %2 waren schon da</translation>
    </message>
    <message>
        <source>%1 runs opened</source>
        <translation>%1 Läufe geöffnet</translation>
    </message>
    <message>
        <source>%1 · failed points</source>
        <translation>%1 · gescheiterte Punkte</translation>
    </message>
    <message>
        <source>%1 · paused</source>
        <translation>%1 · pausiert</translation>
    </message>
    <message>
        <source>A download is running. What came is kept; the next download of this file goes on with it.</source>
        <translation>Eine Datei wird heruntergeladen. Was angekommen ist, bleibt; das nächste Herunterladen dieser Datei geht damit weiter.</translation>
    </message>
    <message>
        <source>Keep downloading</source>
        <translation>Weiter herunterladen</translation>
    </message>
    <message>
        <source>Import a &amp;folder …</source>
        <translation>&amp;Ordner einlesen …</translation>
    </message>
    <message>
        <source>All results in a folder and the folders in it; logs and submissions of MLPerf are folders</source>
        <translation>Alle Ergebnisse in einem Ordner und den Ordnern darin; Protokolle und Einreichungen von MLPerf sind Ordner</translation>
    </message>
    <message>
        <source>&amp;Recently deleted …</source>
        <translation>&amp;Zuletzt gelöscht …</translation>
    </message>
    <message>
        <source>Runs that were deleted and can be brought back</source>
        <translation>Läufe, die gelöscht wurden und zurückgeholt werden können</translation>
    </message>
    <message>
        <source>&amp;Pin the chosen run as baseline</source>
        <translation>Den gewählten Lauf als Bez&amp;ug anheften</translation>
    </message>
    <message>
        <source>Comparisons then refer to the run that is chosen in the list, and to its series</source>
        <translation>Vergleiche beziehen sich dann auf den Lauf, der in der Liste gewählt ist, und auf seine Reihe</translation>
    </message>
    <message>
        <source>All series, or the chosen runs, against the baseline, as a table</source>
        <translation>Alle Reihen oder die gewählten Läufe gegen den Bezug, als Tabelle</translation>
    </message>
    <message>
        <source>Compare the chosen &amp;runs</source>
        <translation>Die gewählten &amp;Läufe vergleichen</translation>
    </message>
    <message>
        <source>Ctrl+Shift+B</source>
        <translation>Ctrl+Shift+B</translation>
    </message>
    <message>
        <source>The runs that are chosen in the list against the baseline, or against the first of them</source>
        <translation>Die Läufe, die in der Liste gewählt sind, gegen den Bezug oder gegen den ersten von ihnen</translation>
    </message>
    <message>
        <source>Choose a run in the list first: it becomes the baseline.</source>
        <translation>Zuerst in der Liste einen Lauf wählen: er wird der Bezug.</translation>
    </message>
    <message>
        <source>Choose two or more runs in the list, or pin one as baseline and choose another.</source>
        <translation>In der Liste zwei oder mehr Läufe wählen, oder einen als Bezug anheften und einen anderen wählen.</translation>
    </message>
    <message>
        <source>Results (*.json *.jsonl *.ndjson *.csv *.txt);;Bundles of runs (*.tokenmark);;All files (*)</source>
        <translation>Ergebnisse (*.json *.jsonl *.ndjson *.csv *.txt);;Pakete von Läufen (*.tokenmark);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Import a folder</source>
        <translation>Einen Ordner einlesen</translation>
    </message>
    <message>
        <source>Co&amp;mpare them</source>
        <translation>&amp;Vergleichen</translation>
    </message>
    <message>
        <source>Co&amp;mpare with baseline</source>
        <translation>Mit dem Bezug &amp;vergleichen</translation>
    </message>
    <message>
        <source>No longer the &amp;baseline</source>
        <translation>Nicht mehr als Be&amp;zug</translation>
    </message>
    <message>
        <source>Pin as &amp;baseline</source>
        <translation>Als Be&amp;zug anheften</translation>
    </message>
    <message>
        <source>Deleted: Ctrl+Z brings the runs back, and so does Edit, Recently deleted, for 30 days.</source>
        <translation>Gelöscht: Ctrl+Z bringt die Läufe zurück, 30 Tage lang auch Bearbeiten &gt; Zuletzt gelöscht.</translation>
    </message>
    <message>
        <source>The bundle&apos;s chart cannot be shown: %1</source>
        <translation>Das Diagramm des Pakets kann nicht gezeigt werden: %1</translation>
    </message>
</context>
<context>
    <name>tokenmark::MessageBar</name>
    <message>
        <source>Close this note</source>
        <translation>Diesen Hinweis schließen</translation>
    </message>
    <message>
        <source>%1 (%2 times)</source>
        <translation>%1 (%2-mal)</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>Hinweise</translation>
    </message>
</context>
<context>
    <name>tokenmark::ModelsPage</name>
    <message>
        <source>Error of every tensor</source>
        <translation>Fehler jedes Tensors</translation>
    </message>
    <message>
        <source>tensor</source>
        <translation>Tensor</translation>
    </message>
    <message>
        <source>format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>%1 of the values&apos; root mean square, over all tensors whose format changed</source>
        <translation>%1 des quadratischen Mittels der Werte, über alle Tensoren mit geändertem Format</translation>
    </message>
    <message>
        <source>The file cannot be read.</source>
        <translation>Die Datei kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>Find a model</source>
        <translation>Ein Modell finden</translation>
    </message>
    <message>
        <source>Add folder …</source>
        <translation>Ordner hinzufügen …</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Neu suchen</translation>
    </message>
    <message>
        <source>Look for new and deleted files</source>
        <translation>Nach neuen und gelöschten Dateien suchen</translation>
    </message>
    <message>
        <source>Models on this machine</source>
        <translation>Modelle auf diesem Rechner</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Wo</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Needed share of the free memory</source>
        <translation>Benötigter Anteil des freien Speichers</translation>
    </message>
    <message>
        <source>Facts of the chosen model</source>
        <translation>Angaben zum gewählten Modell</translation>
    </message>
    <message>
        <source>Quantise …</source>
        <translation>Quantisieren …</translation>
    </message>
    <message>
        <source>Write this model in another number format</source>
        <translation>Dieses Modell in einem anderen Zahlenformat schreiben</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messen</translation>
    </message>
    <message>
        <source>Sweep the concurrency with this model on this machine</source>
        <translation>Die Gleichzeitigkeit mit diesem Modell auf diesem Rechner durchmessen</translation>
    </message>
    <message>
        <source>Looking for models …</source>
        <translation>Suche nach Modellen …</translation>
    </message>
    <message>
        <source>No model chosen</source>
        <translation>Kein Modell gewählt</translation>
    </message>
    <message>
        <source>Reading the file …</source>
        <translation>Liest die Datei …</translation>
    </message>
    <message>
        <source>Choose a model to see what is in its file.</source>
        <translation>Ein Modell wählen, um zu sehen, was in seiner Datei ist.</translation>
    </message>
    <message>
        <source>The answer about this file cannot be read.</source>
        <translation>Die Antwort über diese Datei kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>Fits: %1 of %2 free memory, with a context of %3 tokens</source>
        <translation>Passt: %1 von %2 freiem Speicher, mit einem Kontext von %3 Token</translation>
    </message>
    <message>
        <source>; up to %1 would fit</source>
        <translation>; bis zu %1 würden passen</translation>
    </message>
    <message>
        <source>Does not fit: %1 needed with a context of %2 tokens, %3 free</source>
        <translation>Passt nicht: %1 nötig mit einem Kontext von %2 Token, %3 frei</translation>
    </message>
    <message>
        <source>; %1 tokens would fit</source>
        <translation>; %1 Token würden passen</translation>
    </message>
    <message>
        <source>; in %1 it would fit</source>
        <translation>; in %1 würde es passen</translation>
    </message>
    <message>
        <source>A folder with models</source>
        <translation>Ein Ordner mit Modellen</translation>
    </message>
    <message>
        <source>Quantise %1 to %2</source>
        <translation>%1 nach %2 quantisieren</translation>
    </message>
    <message>
        <source>Quantise %1: %2</source>
        <translation>%1 quantisieren: %2</translation>
    </message>
    <message>
        <source>Download …</source>
        <translation>Herunterladen …</translation>
    </message>
    <message>
        <source>Fetch a model&apos;s file by its address</source>
        <translation>Die Datei eines Modells von ihrer Adresse holen</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Folders that are looked through too: add one, remove one</source>
        <translation>Ordner, die auch durchsucht werden: einen hinzufügen, einen entfernen</translation>
    </message>
    <message>
        <source>There are no models in the folders of Hugging Face, llama.cpp, Ollama and LM Studio. Download one, add a folder with GGUF files or safetensors, or measure a shape with random weights from a new sweep.</source>
        <translation>In den Ordnern von Hugging Face, llama.cpp, Ollama und LM Studio sind keine Modelle. Eines herunterladen, einen Ordner mit GGUF-Dateien oder safetensors hinzufügen, oder in einer neuen Messreihe eine Form mit zufälligen Gewichten messen.</translation>
    </message>
    <message>
        <source>Remove %1</source>
        <translation>%1 entfernen</translation>
    </message>
    <message>
        <source>Download %1</source>
        <translation>%1 herunterladen</translation>
    </message>
    <message>
        <source>Go on with the download</source>
        <translation>Weiter herunterladen</translation>
    </message>
    <message>
        <source>Download %1: %2</source>
        <translation>%1 herunterladen: %2</translation>
    </message>
</context>
<context>
    <name>tokenmark::NamedLayouts</name>
    <message>
        <source>La&amp;youts</source>
        <translation>An&amp;ordnungen</translation>
    </message>
    <message>
        <source>&amp;Delete layout</source>
        <translation>Anordnung &amp;löschen</translation>
    </message>
    <message>
        <source>&amp;Save layout …</source>
        <translation>Anordnung &amp;speichern …</translation>
    </message>
    <message>
        <source>Keep the arrangement of the panels under a name</source>
        <translation>Die Anordnung der Bereiche unter einem Namen aufbewahren</translation>
    </message>
    <message>
        <source>The layout &apos;%1&apos; is of another version of Tokenmark and cannot be used.</source>
        <translation>Die Anordnung „%1“ ist von einer anderen Version von Tokenmark und kann nicht benutzt werden.</translation>
    </message>
    <message>
        <source>Name of the layout</source>
        <translation>Name der Anordnung</translation>
    </message>
    <message>
        <source>Save layout</source>
        <translation>Anordnung speichern</translation>
    </message>
</context>
<context>
    <name>tokenmark::NodesPage</name>
    <message>
        <source>Add a node</source>
        <translation>Knoten hinzufügen</translation>
    </message>
    <message>
        <source>Add a host that is reached over SSH</source>
        <translation>Einen Rechner hinzufügen, der über SSH erreicht wird</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Take the chosen node out of the list</source>
        <translation>Den gewählten Knoten aus der Liste nehmen</translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Test connection</source>
        <translation>Verbindung prüfen</translation>
    </message>
    <message>
        <source>Look step by step whether this node can measure</source>
        <translation>Schritt für Schritt nachsehen, ob dieser Knoten messen kann</translation>
    </message>
    <message>
        <source>New sweep …</source>
        <translation>Neue Messreihe …</translation>
    </message>
    <message>
        <source>Set up a sweep on this node</source>
        <translation>Eine Messreihe auf diesem Knoten einrichten</translation>
    </message>
    <message>
        <source>Steps of the test</source>
        <translation>Schritte der Prüfung</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>Befund</translation>
    </message>
    <message>
        <source>Facts of the chosen node</source>
        <translation>Angaben zum gewählten Knoten</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>How sweeps name it: node: NAME</source>
        <translation>So nennen ihn Messreihen: node: NAME</translation>
    </message>
    <message>
        <source>user@host, or a Host of your SSH configuration</source>
        <translation>user@host, oder ein Host aus Ihrer SSH-Konfiguration</translation>
    </message>
    <message>
        <source>Program there</source>
        <translation>Programm dort</translation>
    </message>
    <message>
        <source>Path of tokenmark-cli on that machine</source>
        <translation>Pfad von tokenmark-cli auf jenem Rechner</translation>
    </message>
    <message>
        <source>SSH options</source>
        <translation>SSH-Optionen</translation>
    </message>
    <message>
        <source>Further arguments of ssh, such as: -p 2222</source>
        <translation>Weitere Argumente für ssh, etwa: -p 2222</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Write this node into the list</source>
        <translation>Diesen Knoten in die Liste schreiben</translation>
    </message>
    <message>
        <source>measuring</source>
        <translation>misst</translation>
    </message>
    <message>
        <source>testing …</source>
        <translation>prüft …</translation>
    </message>
    <message>
        <source>not tested</source>
        <translation>nicht geprüft</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>bereit</translation>
    </message>
    <message>
        <source>not usable</source>
        <translation>nicht nutzbar</translation>
    </message>
    <message>
        <source>This machine</source>
        <translation>Dieser Rechner</translation>
    </message>
    <message>
        <source>A new node</source>
        <translation>Ein neuer Knoten</translation>
    </message>
    <message>
        <source>The login must work without a password: a key in your SSH agent or configuration. tokenmark-cli must be on that machine; it needs nothing else there.</source>
        <translation>Die Anmeldung muss ohne Passwort gehen: mit einem Schlüssel in Ihrem SSH-Agenten oder Ihrer SSH-Konfiguration. tokenmark-cli muss auf jenem Rechner liegen; sonst braucht es dort nichts.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>the test gave no answer</source>
        <translation>die Prüfung gab keine Antwort</translation>
    </message>
    <message>
        <source>user@host</source>
        <translation>benutzer@rechner</translation>
    </message>
    <message>
        <source>other version</source>
        <translation>andere Version</translation>
    </message>
    <message>
        <source>ready, other version</source>
        <translation>bereit, andere Version</translation>
    </message>
    <message>
        <source>Remove the node %1</source>
        <translation>Knoten %1 entfernen</translation>
    </message>
</context>
<context>
    <name>tokenmark::PlotView</name>
    <message>
        <source>Chart</source>
        <translation>Diagramm</translation>
    </message>
    <message>
        <source>Facts of the point under the pointer</source>
        <translation>Angaben zum Punkt unter dem Zeiger</translation>
    </message>
</context>
<context>
    <name>tokenmark::PriceQuestion</name>
    <message>
        <source>Price and power of a device</source>
        <translation>Preis und Leistung eines Geräts</translation>
    </message>
    <message>
        <source>Price of one device, in dollars an hour</source>
        <translation>Preis eines Geräts, in Dollar je Stunde</translation>
    </message>
    <message>
        <source> $/h</source>
        <translation> $/h</translation>
    </message>
    <message>
        <source>All-in power of one device, in kilowatts</source>
        <translation>Gesamte Leistung eines Geräts, in Kilowatt</translation>
    </message>
    <message>
        <source> kW</source>
        <translation> kW</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Keep price and power, and draw the device</source>
        <translation>Preis und Leistung behalten und das Gerät zeichnen</translation>
    </message>
    <message>
        <source>Do not ask</source>
        <translation>Nicht fragen</translation>
    </message>
    <message>
        <source>Leave the device out and do not ask again; the Prices page can still name it</source>
        <translation>Das Gerät weglassen und nicht mehr fragen; auf der Seite Preise kann es noch genannt werden</translation>
    </message>
    <message>
        <source>No price set has a price for %1. What does one cost, and what power does it draw with all around it?</source>
        <translation>Keine Preisliste hat einen Preis für %1. Was kostet ein Gerät, und welche Leistung zieht es mit allem darum herum?</translation>
    </message>
    <message>
        <source>price of %1</source>
        <translation>Preis von %1</translation>
    </message>
</context>
<context>
    <name>tokenmark::PricesPage</name>
    <message>
        <source>default tier</source>
        <translation>übliche Bezahlart</translation>
    </message>
    <message>
        <source>&apos;%1&apos; is no price: type a number above 0.</source>
        <translation>„%1“ ist kein Preis: bitte eine Zahl über 0 eingeben.</translation>
    </message>
    <message>
        <source>power of %1</source>
        <translation>Leistung von %1</translation>
    </message>
    <message>
        <source>price of %1</source>
        <translation>Preis von %1</translation>
    </message>
    <message>
        <source>The price set keeps its name: %1.</source>
        <translation>Die Preisliste behält ihren Namen: %1.</translation>
    </message>
    <message>
        <source>facts of %1</source>
        <translation>Angaben zu %1</translation>
    </message>
    <message>
        <source>device %1</source>
        <translation>Gerät %1</translation>
    </message>
    <message>
        <source>removal of %1</source>
        <translation>Entfernen von %1</translation>
    </message>
    <message>
        <source>%1, mine</source>
        <translation>%1, meine</translation>
    </message>
    <message>
        <source>copy of %1; %2</source>
        <translation>Kopie von %1; %2</translation>
    </message>
    <message>
        <source>copy of %1</source>
        <translation>Kopie von %1</translation>
    </message>
    <message>
        <source>deletion of %1</source>
        <translation>Löschen von %1</translation>
    </message>
    <message>
        <source>default price set</source>
        <translation>übliche Preisliste</translation>
    </message>
    <message>
        <source>Export the price set</source>
        <translation>Die Preisliste exportieren</translation>
    </message>
    <message>
        <source>Import price sets</source>
        <translation>Preislisten einlesen</translation>
    </message>
    <message>
        <source>Price sets (*.json)</source>
        <translation>Preislisten (*.json)</translation>
    </message>
    <message>
        <source>Import: %1</source>
        <translation>Einlesen: %1</translation>
    </message>
    <message>
        <source>Import: there is no price set in %1</source>
        <translation>Einlesen: in %1 ist keine Preisliste</translation>
    </message>
    <message>
        <source>import of %1</source>
        <translation>Einlesen von %1</translation>
    </message>
    <message>
        <source>Price sets</source>
        <translation>Preislisten</translation>
    </message>
    <message>
        <source>Price set</source>
        <translation>Preisliste</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Make a price set of your own from this one</source>
        <translation>Aus dieser eine eigene Preisliste machen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Delete this price set; Edit &gt; Undo brings it back</source>
        <translation>Diese Preisliste löschen; Bearbeiten &gt; Rückgängig bringt sie zurück</translation>
    </message>
    <message>
        <source>Import …</source>
        <translation>Einlesen …</translation>
    </message>
    <message>
        <source>Read price sets from a JSON file</source>
        <translation>Preislisten aus einer JSON-Datei lesen</translation>
    </message>
    <message>
        <source>Export …</source>
        <translation>Exportieren …</translation>
    </message>
    <message>
        <source>Write this price set into a JSON file</source>
        <translation>Diese Preisliste in eine JSON-Datei schreiben</translation>
    </message>
    <message>
        <source>Use by default</source>
        <translation>Immer benutzen</translation>
    </message>
    <message>
        <source>New charts, reports and tokenmark-cli use this set with this tier where none is named</source>
        <translation>Neue Diagramme, Berichte und tokenmark-cli benutzen diese Liste mit dieser Bezahlart, wo keine genannt ist</translation>
    </message>
    <message>
        <source>Tier used by default</source>
        <translation>Übliche Bezahlart</translation>
    </message>
    <message>
        <source>How the hardware is paid for, where nothing is chosen</source>
        <translation>Wie die Hardware bezahlt wird, wo nichts gewählt ist</translation>
    </message>
    <message>
        <source>Devices of the price set with power and prices</source>
        <translation>Geräte der Preisliste mit Leistung und Preisen</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>kW</source>
        <translation>kW</translation>
    </message>
    <message>
        <source>%1, $/h</source>
        <translation>%1, $/h</translation>
    </message>
    <message>
        <source>All-in provisioned utility power of one device</source>
        <translation>Gesamte bereitgestellte Netzleistung eines Geräts</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Charts and reports name the price set by this</source>
        <translation>Diagramme und Berichte nennen die Preisliste so</translation>
    </message>
    <message>
        <source>When these prices held: 2026-11 or 2026-11-28</source>
        <translation>Wann diese Preise galten: 2026-11 oder 2026-11-28</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Where the prices are from; charts and reports say it</source>
        <translation>Woher die Preise sind; Diagramme und Berichte sagen es</translation>
    </message>
    <message>
        <source>Device to add</source>
        <translation>Gerät zum Hinzufügen</translation>
    </message>
    <message>
        <source>A device of the catalogue, or hardware as a run names it</source>
        <translation>Ein Gerät aus dem Katalog, oder Hardware, wie ein Lauf sie nennt</translation>
    </message>
    <message>
        <source>All-in power of the device to add, in kilowatts</source>
        <translation>Gesamte Leistung des neuen Geräts, in Kilowatt</translation>
    </message>
    <message>
        <source> kW</source>
        <translation> kW</translation>
    </message>
    <message>
        <source>Add device</source>
        <translation>Gerät hinzufügen</translation>
    </message>
    <message>
        <source>Add the device with this power; its prices are typed into the table</source>
        <translation>Das Gerät mit dieser Leistung hinzufügen; seine Preise werden in die Tabelle getippt</translation>
    </message>
    <message>
        <source>Remove device</source>
        <translation>Gerät entfernen</translation>
    </message>
    <message>
        <source>Take the chosen device out of this price set</source>
        <translation>Das gewählte Gerät aus dieser Preisliste nehmen</translation>
    </message>
    <message>
        <source>Your own devices</source>
        <translation>Eigene Geräte</translation>
    </message>
    <message>
        <source>Devices that are in no price set: their prices hold in all of them</source>
        <translation>Geräte, die in keiner Preisliste sind: ihre Preise gelten in allen</translation>
    </message>
    <message>
        <source>Prices of devices that are in no price set. They hold in every set; where a set has the device, the set counts.</source>
        <translation>Preise von Geräten, die in keiner Preisliste sind. Sie gelten in jeder Liste; wo eine Liste das Gerät hat, zählt die Liste.</translation>
    </message>
    <message>
        <source>A price set of your own: click into a cell to change it.</source>
        <translation>Eine eigene Preisliste: zum Ändern in eine Zelle klicken.</translation>
    </message>
    <message>
        <source>A price set of Tokenmark, with its source: copy it to change it.</source>
        <translation>Eine Preisliste von Tokenmark, mit ihrer Quelle: zum Ändern kopieren.</translation>
    </message>
</context>
<context>
    <name>tokenmark::ProgramJob</name>
    <message>
        <source>%1 cannot be started: %2</source>
        <translation>%1 kann nicht gestartet werden: %2</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>the program crashed</source>
        <translation>das Programm ist abgestürzt</translation>
    </message>
    <message>
        <source>exit status %1</source>
        <translation>Rückgabewert %1</translation>
    </message>
</context>
<context>
    <name>tokenmark::ProgramQuestion</name>
    <message>
        <source>%1 cannot be started.</source>
        <translation>%1 kann nicht gestartet werden.</translation>
    </message>
</context>
<context>
    <name>tokenmark::QuantiseDialog</name>
    <message>
        <source>Quantise %1</source>
        <translation>%1 quantisieren</translation>
    </message>
    <message>
        <source>Quantise</source>
        <translation>Quantisieren</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>New file</source>
        <translation>Neue Datei</translation>
    </message>
    <message>
        <source>There is a file of this name already.</source>
        <translation>Eine Datei dieses Namens gibt es schon.</translation>
    </message>
    <message>
        <source>…</source>
        <translation>…</translation>
    </message>
    <message>
        <source>%1 instead of %2</source>
        <translation>%1 statt %2</translation>
    </message>
    <message>
        <source>; %1 % of the values become %2 since their rows do not fill this format&apos;s blocks</source>
        <translation>; %1 % der Werte werden %2, weil ihre Zeilen die Blöcke dieses Formats nicht füllen</translation>
    </message>
</context>
<context>
    <name>tokenmark::ReadingLine</name>
    <message>
        <source>A</source>
        <translation>A</translation>
    </message>
    <message>
        <source>B</source>
        <translation>B</translation>
    </message>
    <message>
        <source>Values of all series at the line</source>
        <translation>Werte aller Reihen an der Linie</translation>
    </message>
    <message>
        <source>baseline</source>
        <translation>Bezug</translation>
    </message>
    <message>
        <source>… and %1 more</source>
        <translation>… und %1 weitere</translation>
    </message>
    <message>
        <source>no series was measured here</source>
        <translation>hier wurde keine Reihe gemessen</translation>
    </message>
    <message>
        <source>A %1 → B %2 (%3)</source>
        <translation>A %1 → B %2 (%3)</translation>
    </message>
    <message>
        <source>no series was measured at both</source>
        <translation>an beiden wurde keine Reihe gemessen</translation>
    </message>
    <message>
        <source>at most %1</source>
        <translation>höchstens %1</translation>
    </message>
    <message>
        <source>In flight</source>
        <translation>In Arbeit</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Arrivals</source>
        <translation>Ankünfte</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Devices busy</source>
        <translation>Geräte beschäftigt</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Takt</translation>
    </message>
    <message>
        <source>Hottest</source>
        <translation>Am heißesten</translation>
    </message>
    <message>
        <source>pinned</source>
        <translation>angeheftet</translation>
    </message>
</context>
<context>
    <name>tokenmark::RecentFiles</name>
    <message>
        <source>&amp;Recent files</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>&amp;Pinned</source>
        <translation>An&amp;geheftet</translation>
    </message>
    <message>
        <source>&amp;Forget recent files</source>
        <translation>Zuletzt geöffnete &amp;vergessen</translation>
    </message>
</context>
<context>
    <name>tokenmark::ReportDialog</name>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Author</source>
        <translation>Verfasser</translation>
    </message>
    <message>
        <source>Remarks</source>
        <translation>Bemerkungen</translation>
    </message>
    <message>
        <source>Baseline</source>
        <translation>Bezug</translation>
    </message>
    <message>
        <source>Compare at equal</source>
        <translation>Vergleich bei gleichem Wert von</translation>
    </message>
    <message>
        <source>Prices</source>
        <translation>Preise</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Choose …</source>
        <translation>Wählen …</translation>
    </message>
    <message>
        <source>Choose a template of your own</source>
        <translation>Eine eigene Vorlage wählen</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>Vorlage</translation>
    </message>
    <message>
        <source>What it will contain</source>
        <translation>Was er enthalten wird</translation>
    </message>
    <message>
        <source>The report that was written</source>
        <translation>Der geschriebene Bericht</translation>
    </message>
    <message>
        <source>Which runs the report is about</source>
        <translation>Von welchen Läufen der Bericht handelt</translation>
    </message>
    <message>
        <source>Title of the report</source>
        <translation>Titel des Berichts</translation>
    </message>
    <message>
        <source>Inference benchmark</source>
        <translation>Inferenz-Benchmark</translation>
    </message>
    <message>
        <source>Who made the report</source>
        <translation>Wer den Bericht gemacht hat</translation>
    </message>
    <message>
        <source>What is to be known beforehand; empty lines part paragraphs</source>
        <translation>Was man vorher wissen muss; leere Zeilen trennen Absätze</translation>
    </message>
    <message>
        <source>The series that the others are compared with</source>
        <translation>Die Reihe, mit der die anderen verglichen werden</translation>
    </message>
    <message>
        <source>What is equal for all series in the comparison</source>
        <translation>Was im Vergleich für alle Reihen gleich ist</translation>
    </message>
    <message>
        <source>the middle they share</source>
        <translation>die gemeinsame Mitte</translation>
    </message>
    <message>
        <source>Price set of cost and power</source>
        <translation>Preisliste für Kosten und Leistung</translation>
    </message>
    <message>
        <source>How the hardware is paid for</source>
        <translation>Wie die Hardware bezahlt wird</translation>
    </message>
    <message>
        <source>Kind of file</source>
        <translation>Art der Datei</translation>
    </message>
    <message>
        <source>HTML, one file</source>
        <translation>HTML, eine Datei</translation>
    </message>
    <message>
        <source>PDF, A4 pages</source>
        <translation>PDF, A4-Seiten</translation>
    </message>
    <message>
        <source>A template of your own for HTML; empty: the default one</source>
        <translation>Eine eigene Vorlage für HTML; leer: die übliche</translation>
    </message>
    <message>
        <source>the default one</source>
        <translation>die übliche</translation>
    </message>
    <message>
        <source>What the report will contain</source>
        <translation>Was der Bericht enthalten wird</translation>
    </message>
    <message>
        <source>Charts of the report</source>
        <translation>Diagramme des Berichts</translation>
    </message>
    <message>
        <source>Progress of the report</source>
        <translation>Fortschritt des Berichts</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop making the report</source>
        <translation>Das Erstellen des Berichts abbrechen</translation>
    </message>
    <message>
        <source>Write …</source>
        <translation>Schreiben …</translation>
    </message>
    <message>
        <source>Choose the file and write the report</source>
        <translation>Die Datei wählen und den Bericht schreiben</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close this window</source>
        <translation>Dieses Fenster schließen</translation>
    </message>
    <message>
        <source>Cancelled; nothing was written.</source>
        <translation>Abgebrochen; nichts wurde geschrieben.</translation>
    </message>
    <message>
        <source>The chosen run</source>
        <translation>Der gewählte Lauf</translation>
    </message>
    <message>
        <source>The %1 chosen runs</source>
        <translation>Die %1 gewählten Läufe</translation>
    </message>
    <message>
        <source>The %1 runs of the list</source>
        <translation>Die %1 Läufe der Liste</translation>
    </message>
    <message>
        <source>The %1 runs that match the search</source>
        <translation>Die %1 Läufe, die auf die Suche passen</translation>
    </message>
    <message>
        <source>All runs of the store</source>
        <translation>Alle Läufe des Speichers</translation>
    </message>
    <message>
        <source>1 run</source>
        <translation>1 Lauf</translation>
    </message>
    <message>
        <source>%1 runs</source>
        <translation>%1 Läufe</translation>
    </message>
    <message>
        <source>, %1 without a result</source>
        <translation>, %1 ohne Ergebnis</translation>
    </message>
    <message>
        <source>, %1 published samples</source>
        <translation>, %1 veröffentlichte Beispiele</translation>
    </message>
    <message>
        <source>. Comparison: %1. Then environment, method, definitions, prices, failures, all runs, how to reproduce.</source>
        <translation>. Vergleich: %1. Danach Umgebung, Verfahren, Definitionen, Preise, Gescheitertes, alle Läufe und wie sie sich reproduzieren lassen.</translation>
    </message>
    <message>
        <source>Template of a report</source>
        <translation>Vorlage eines Berichts</translation>
    </message>
    <message>
        <source>HTML templates (*.html);;All files (*)</source>
        <translation>HTML-Vorlagen (*.html);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Write the report</source>
        <translation>Den Bericht schreiben</translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation>PDF (*.pdf)</translation>
    </message>
    <message>
        <source>HTML (*.html)</source>
        <translation>HTML (*.html)</translation>
    </message>
    <message>
        <source>Written: %1</source>
        <translation>Geschrieben: %1</translation>
    </message>
    <message>
        <source>Its value; empty: the middle of what the baseline shares with most others</source>
        <translation>Der Wert dafür; leer: die Mitte dessen, was der Bezug mit den meisten anderen gemeinsam hat</translation>
    </message>
    <message>
        <source>The charts that are &amp;open, as they are seen</source>
        <translation>Die &amp;offenen Diagramme, wie sie zu sehen sind</translation>
    </message>
    <message>
        <source>Axes, logarithms, hidden series, view and prices as on the tabs: %1</source>
        <translation>Achsen, Logarithmen, ausgeblendete Reihen, Ausschnitt und Preise wie auf den Reitern: %1</translation>
    </message>
</context>
<context>
    <name>tokenmark::ReproduceDialog</name>
    <message>
        <source>Reproduce run %1</source>
        <translation>Lauf %1 reproduzieren</translation>
    </message>
    <message>
        <source>Reproduce a published sample</source>
        <translation>Ein veröffentlichtes Beispiel reproduzieren</translation>
    </message>
    <message>
        <source>Sweep file: this point with its repeats, and nothing that is as by default</source>
        <translation>Messreihendatei: dieser Punkt mit seinen Wiederholungen, ohne das, was ohnehin voreingestellt ist</translation>
    </message>
    <message>
        <source>Command for a shell: runs that sweep</source>
        <translation>Befehl für eine Shell: führt diese Messreihe aus</translation>
    </message>
    <message>
        <source>The server was started with</source>
        <translation>Der Server wurde gestartet mit</translation>
    </message>
    <message>
        <source>Open in the sweep editor</source>
        <translation>Im Editor für Messreihen öffnen</translation>
    </message>
    <message>
        <source>Open the sweep file in the editor, to change or start it</source>
        <translation>Die Messreihendatei im Editor öffnen, um sie zu ändern oder zu starten</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close this window</source>
        <translation>Dieses Fenster schließen</translation>
    </message>
    <message>
        <source>There is none: %1.</source>
        <translation>Gibt es nicht: %1.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy: %1</source>
        <translation>Kopieren: %1</translation>
    </message>
</context>
<context>
    <name>tokenmark::RunEdits</name>
    <message>
        <source>star</source>
        <translation>Stern</translation>
    </message>
    <message>
        <source>taking a star away</source>
        <translation>Wegnehmen eines Sterns</translation>
    </message>
    <message>
        <source>tag %1</source>
        <translation>Schlagwort %1</translation>
    </message>
    <message>
        <source>taking the tag %1 away</source>
        <translation>Wegnehmen des Schlagworts %1</translation>
    </message>
    <message>
        <source>deletion of a run</source>
        <translation>Löschen eines Laufs</translation>
    </message>
    <message>
        <source>deletion of %1 runs</source>
        <translation>Löschen von %1 Läufen</translation>
    </message>
    <message>
        <source>return of a run</source>
        <translation>Zurückholen eines Laufs</translation>
    </message>
    <message>
        <source>return of %1 runs</source>
        <translation>Zurückholen von %1 Läufen</translation>
    </message>
</context>
<context>
    <name>tokenmark::RunNotes</name>
    <message>
        <source>Star of the run</source>
        <translation>Stern des Laufs</translation>
    </message>
    <message>
        <source>Mark this run with a star</source>
        <translation>Diesen Lauf mit einem Stern kennzeichnen</translation>
    </message>
    <message>
        <source>Tags of the run</source>
        <translation>Schlagwörter des Laufs</translation>
    </message>
    <message>
        <source>Tags, with commas between</source>
        <translation>Schlagwörter, durch Kommas getrennt</translation>
    </message>
    <message>
        <source>Tags of this run, with commas between; Enter keeps them</source>
        <translation>Schlagwörter dieses Laufs, durch Kommas getrennt; die Eingabetaste behält sie</translation>
    </message>
    <message>
        <source>Note on the run</source>
        <translation>Notiz zum Lauf</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>A note on this run; it is kept when the field is left, or with Ctrl+Enter</source>
        <translation>Eine Notiz zu diesem Lauf; sie wird behalten, wenn das Feld verlassen wird, oder mit Ctrl+Enter</translation>
    </message>
    <message>
        <source>star</source>
        <translation>Stern</translation>
    </message>
    <message>
        <source>taking a star away</source>
        <translation>Wegnehmen eines Sterns</translation>
    </message>
    <message>
        <source>change of tags</source>
        <translation>Ändern von Schlagwörtern</translation>
    </message>
    <message>
        <source>change of a note</source>
        <translation>Ändern einer Notiz</translation>
    </message>
</context>
<context>
    <name>tokenmark::RunsDock</name>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Search runs</source>
        <translation>Läufe suchen</translation>
    </message>
    <message>
        <source>Search model, hardware, sweep, tag …</source>
        <translation>Modell, Hardware, Messreihe, Schlagwort …</translation>
    </message>
    <message>
        <source>1 run</source>
        <translation>1 Lauf</translation>
    </message>
    <message>
        <source>%1 runs</source>
        <translation>%1 Läufe</translation>
    </message>
    <message>
        <source>No run matches the search.</source>
        <translation>Auf die Suche passt kein Lauf.</translation>
    </message>
    <message>
        <source> · %1 chosen for the chart</source>
        <translation> · %1 für das Diagramm gewählt</translation>
    </message>
    <message>
        <source>Reading the runs …</source>
        <translation>Liest die Läufe …</translation>
    </message>
    <message>
        <source> in %1 groups</source>
        <translation> in %1 Gruppen</translation>
    </message>
    <message>
        <source>&amp;Remove tag</source>
        <translation>Schlagwort &amp;entfernen</translation>
    </message>
    <message>
        <source>Add tag</source>
        <translation>Schlagwort hinzufügen</translation>
    </message>
    <message>
        <source>Tag of run %1:</source>
        <translation>Schlagwort für Lauf %1:</translation>
    </message>
    <message>
        <source>Tag of %1 runs:</source>
        <translation>Schlagwort für %1 Läufe:</translation>
    </message>
    <message>
        <source>Words that must all occur in a run (Ctrl+F), or fields:
model:llama  precision=fp8,fp4  tag:baseline  -tag:old  starred
concurrency:8..64  lengths:1024/128  before:2026-05-01  after:2026-04  on:2026-05-01</source>
        <translation>Wörter, die alle in einem Lauf vorkommen müssen (Ctrl+F), oder Felder:
model:llama  precision=fp8,fp4  tag:baseline  -tag:old  starred
concurrency:8..64  lengths:1024/128  before:2026-05-01  after:2026-04  on:2026-05-01</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Choose what is listed by the values that there are</source>
        <translation>Nach den vorhandenen Werten wählen, was in der Liste steht</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>Gruppieren</translation>
    </message>
    <message>
        <source>Put runs together that have something in common</source>
        <translation>Läufe zusammenstellen, die etwas gemeinsam haben</translation>
    </message>
    <message>
        <source>Groups of the list of runs</source>
        <translation>Gruppen der Liste der Läufe</translation>
    </message>
    <message>
        <source>No groups</source>
        <translation>Keine Gruppen</translation>
    </message>
    <message>
        <source>Fold all</source>
        <translation>Alle einklappen</translation>
    </message>
    <message>
        <source>Unfold all</source>
        <translation>Alle ausklappen</translation>
    </message>
    <message>
        <source>&amp;Star</source>
        <translation>&amp;Stern</translation>
    </message>
    <message>
        <source>Ctrl+D</source>
        <translation>Ctrl+D</translation>
    </message>
    <message>
        <source>Mark the chosen runs with a star, or take it away where all have one</source>
        <translation>Die gewählten Läufe mit einem Stern kennzeichnen, oder ihn wegnehmen, wenn alle einen haben</translation>
    </message>
    <message>
        <source>Add &amp;tag …</source>
        <translation>Schlagwort &amp;hinzufügen …</translation>
    </message>
    <message>
        <source>Ctrl+T</source>
        <translation>Ctrl+T</translation>
    </message>
    <message>
        <source>Give the chosen runs a tag</source>
        <translation>Den gewählten Läufen ein Schlagwort geben</translation>
    </message>
    <message>
        <source>Save &amp;bundle …</source>
        <translation>Pake&amp;t speichern …</translation>
    </message>
    <message>
        <source>The chosen runs with logs, environments, tags and notes in one file, to be opened elsewhere</source>
        <translation>Die gewählten Läufe mit Protokollen, Umgebungen, Schlagwörtern und Notizen in einer Datei, um sie anderswo zu öffnen</translation>
    </message>
    <message>
        <source>&amp;Delete runs</source>
        <translation>Läufe &amp;löschen</translation>
    </message>
    <message>
        <source>Take the chosen runs out of the list; undo brings them back</source>
        <translation>Die gewählten Läufe aus der Liste nehmen; Rückgängig bringt sie zurück</translation>
    </message>
    <message>
        <source> · baseline: %1</source>
        <translation> · Bezug: %1</translation>
    </message>
    <message>
        <source>run %1</source>
        <translation>Lauf %1</translation>
    </message>
</context>
<context>
    <name>tokenmark::RunsFilterMenu</name>
    <message>
        <source>Filters of the list of runs</source>
        <translation>Filter der Liste der Läufe</translation>
    </message>
    <message>
        <source>Show all runs</source>
        <translation>Alle Läufe zeigen</translation>
    </message>
    <message>
        <source>Counting …</source>
        <translation>Zählt …</translation>
    </message>
    <message>
        <source>No run has one</source>
        <translation>Bei keinem Lauf angegeben</translation>
    </message>
    <message>
        <source>%1 more: type a part of it into the search</source>
        <translation>%1 weitere: einen Teil davon in die Suche tippen</translation>
    </message>
    <message>
        <source>Any</source>
        <translation>Beliebig</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Today (UTC)</source>
        <translation>Heute (UTC)</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>Letzte 7 Tage</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>Letzte 30 Tage</translation>
    </message>
    <message>
        <source>Last 365 days</source>
        <translation>Letzte 365 Tage</translation>
    </message>
    <message>
        <source>Starred</source>
        <translation>Mit Stern</translation>
    </message>
</context>
<context>
    <name>tokenmark::RunsModel</name>
    <message>
        <source>sample</source>
        <translation>Beispiel</translation>
    </message>
    <message>
        <source>Published sample, not measured here (%1)</source>
        <translation>Veröffentlichtes Beispiel, nicht hier gemessen (%1)</translation>
    </message>
    <message>
        <source>Random weights: speed is real, text is not</source>
        <translation>Zufällige Gewichte: die Geschwindigkeit ist echt, der Text nicht</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Model file or shape</source>
        <translation>Modelldatei oder Form</translation>
    </message>
    <message>
        <source>Conc.</source>
        <translation>Gleichz.</translation>
    </message>
    <message>
        <source>Requests in flight (closed loop)</source>
        <translation>Anfragen in Arbeit (geschlossene Schleife)</translation>
    </message>
    <message>
        <source>tok/s/user</source>
        <translation>tok/s/Nutzer</translation>
    </message>
    <message>
        <source>Interactivity: median over requests of 1/TPOT</source>
        <translation>Interaktivität: Median über die Anfragen von 1/TPOT</translation>
    </message>
    <message>
        <source>tok/s/gpu</source>
        <translation>tok/s/gpu</translation>
    </message>
    <message>
        <source>Input and output tokens a second per accelerator</source>
        <translation>Eingabe- und Ausgabe-Token je Sekunde und Beschleuniger</translation>
    </message>
    <message>
        <source>TTFT s</source>
        <translation>TTFT s</translation>
    </message>
    <message>
        <source>Time to the first token, median, seconds</source>
        <translation>Zeit bis zum ersten Token, Median, Sekunden</translation>
    </message>
    <message>
        <source>Hardware</source>
        <translation>Hardware</translation>
    </message>
    <message>
        <source>Accelerator or processor</source>
        <translation>Beschleuniger oder Prozessor</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Number format of the weights</source>
        <translation>Zahlenformat der Gewichte</translation>
    </message>
    <message>
        <source>In/out</source>
        <translation>Ein/aus</translation>
    </message>
    <message>
        <source>Input and output tokens of a request</source>
        <translation>Eingabe- und Ausgabe-Token einer Anfrage</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>How the run ended; samples are marked</source>
        <translation>Wie der Lauf endete; Beispiele sind gekennzeichnet</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Begonnen</translation>
    </message>
    <message>
        <source>Local time</source>
        <translation>Ortszeit</translation>
    </message>
    <message>
        <source>Sweep</source>
        <translation>Messreihe</translation>
    </message>
    <message>
        <source>The sweep it belongs to</source>
        <translation>Die Messreihe, zu der er gehört</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Number of the run in this store</source>
        <translation>Nummer des Laufs in diesem Speicher</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gescheitert</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>Tags: %1</source>
        <translation>Schlagwörter: %1</translation>
    </message>
    <message>
        <source>Starred: click to set or to take away</source>
        <translation>Stern: klicken, um ihn zu setzen oder wegzunehmen</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Device of the engine</source>
        <translation>Gerät der Engine</translation>
    </message>
    <message>
        <source>Framework</source>
        <translation>Framework</translation>
    </message>
    <message>
        <source>Serving software and its version</source>
        <translation>Software des Servers und ihre Version</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>Where it was measured</source>
        <translation>Wo gemessen wurde</translation>
    </message>
    <message>
        <source>GPUs</source>
        <translation>GPUs</translation>
    </message>
    <message>
        <source>Accelerators used</source>
        <translation>Benutzte Beschleuniger</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>Reihe</translation>
    </message>
    <message>
        <source>Line of a chart that it belongs to</source>
        <translation>Linie eines Diagramms, zu der er gehört</translation>
    </message>
    <message>
        <source>TPOT s</source>
        <translation>TPOT s</translation>
    </message>
    <message>
        <source>Time per output token, median, seconds</source>
        <translation>Zeit je Ausgabe-Token, Median, Sekunden</translation>
    </message>
    <message>
        <source>E2E s</source>
        <translation>E2E s</translation>
    </message>
    <message>
        <source>Time to the last token, median, seconds</source>
        <translation>Zeit bis zum letzten Token, Median, Sekunden</translation>
    </message>
    <message>
        <source>Out tok/s</source>
        <translation>Ausg. tok/s</translation>
    </message>
    <message>
        <source>Output tokens a second of all accelerators</source>
        <translation>Ausgabe-Token je Sekunde aller Beschleuniger</translation>
    </message>
    <message>
        <source>Goodput</source>
        <translation>Goodput</translation>
    </message>
    <message>
        <source>Requests a second that met all limits</source>
        <translation>Anfragen je Sekunde, die alle Grenzen hielten</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Requests completed</source>
        <translation>Abgeschlossene Anfragen</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>Requests failed</source>
        <translation>Gescheiterte Anfragen</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Schlagwörter</translation>
    </message>
    <message>
        <source>Tags of the run</source>
        <translation>Schlagwörter des Laufs</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>Note on the run</source>
        <translation>Notiz zum Lauf</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Measured here, imported, or a published sample</source>
        <translation>Hier gemessen, eingelesen oder ein veröffentlichtes Beispiel</translation>
    </message>
    <message>
        <source>Workload</source>
        <translation>Arbeitslast</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>Schlagwort</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>Tag</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source> (UTC)</source>
        <translation> (UTC)</translation>
    </message>
    <message>
        <source>1 run</source>
        <translation>1 Lauf</translation>
    </message>
    <message>
        <source>%1 runs</source>
        <translation>%1 Läufe</translation>
    </message>
    <message>
        <source>%1, folded</source>
        <translation>%1, eingeklappt</translation>
    </message>
    <message>
        <source>starred</source>
        <translation>mit Stern</translation>
    </message>
    <message>
        <source>not starred</source>
        <translation>ohne Stern</translation>
    </message>
    <message>
        <source>The baseline: others are compared with it</source>
        <translation>Der Bezug: andere werden mit ihm verglichen</translation>
    </message>
    <message>
        <source>%1, the baseline</source>
        <translation>%1, der Bezug</translation>
    </message>
</context>
<context>
    <name>tokenmark::SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Search the settings</source>
        <translation>In den Einstellungen suchen</translation>
    </message>
    <message>
        <source>Search the settings and shortcuts</source>
        <translation>In Einstellungen und Tastenkürzeln suchen</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Alles zurücksetzen</translation>
    </message>
    <message>
        <source>Every setting and shortcut as it was at first; runs, prices and layouts stay</source>
        <translation>Jede Einstellung und jedes Tastenkürzel wie am Anfang; Läufe, Preise und Anordnungen bleiben</translation>
    </message>
    <message>
        <source>Changes take effect when Tokenmark is started again.</source>
        <translation>Änderungen gelten, wenn Tokenmark neu gestartet wird.</translation>
    </message>
    <message>
        <source>Prices</source>
        <translation>Preise</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>No setting is called that.</source>
        <translation>So heißt keine Einstellung.</translation>
    </message>
    <message>
        <source>%1. At the next start.</source>
        <translation>%1. Ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>the usual place</source>
        <translation>der übliche Ort</translation>
    </message>
    <message>
        <source>Choose …</source>
        <translation>Wählen …</translation>
    </message>
    <message>
        <source>Choose a file for: %1</source>
        <translation>Eine Datei wählen für: %1</translation>
    </message>
    <message>
        <source>Price set and tier that are used where nothing is chosen, and your own price sets</source>
        <translation>Preisliste und Bezahlart, die benutzt werden, wo nichts gewählt ist, und eigene Preislisten</translation>
    </message>
    <message>
        <source>Prices and power</source>
        <translation>Preise und Leistung</translation>
    </message>
    <message>
        <source>Choose</source>
        <translation>Wählen</translation>
    </message>
</context>
<context>
    <name>tokenmark::ShortcutEditor</name>
    <message>
        <source>Actions and their shortcuts</source>
        <translation>Aktionen und ihre Tastenkürzel</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
    <message>
        <source>Shortcut</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>New shortcut: press the keys</source>
        <translation>Neues Tastenkürzel: die Tasten drücken</translation>
    </message>
    <message>
        <source>Set</source>
        <translation>Setzen</translation>
    </message>
    <message>
        <source>Give the action this shortcut</source>
        <translation>Der Aktion dieses Tastenkürzel geben</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keines</translation>
    </message>
    <message>
        <source>Take the action&apos;s shortcut away</source>
        <translation>Der Aktion ihr Tastenkürzel nehmen</translation>
    </message>
    <message>
        <source>As at first</source>
        <translation>Wie am Anfang</translation>
    </message>
    <message>
        <source>Give the action back the shortcut it had at first</source>
        <translation>Der Aktion das Tastenkürzel vom Anfang zurückgeben</translation>
    </message>
    <message>
        <source>Also the shortcut of: %1</source>
        <translation>Auch Tastenkürzel von: %1</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Choose an action, then press its new shortcut.</source>
        <translation>Eine Aktion wählen, dann ihr neues Tastenkürzel drücken.</translation>
    </message>
    <message>
        <source>%1 is also the shortcut of: %2. With two, neither works; give the other one different keys.</source>
        <translation>%1 ist auch Tastenkürzel von: %2. Mit zweien geht keines; geben Sie der anderen Aktion andere Tasten.</translation>
    </message>
</context>
<context>
    <name>tokenmark::SplitTabs</name>
    <message>
        <source>Charts and pages</source>
        <translation>Diagramme und Seiten</translation>
    </message>
    <message>
        <source>Charts and pages on the right side</source>
        <translation>Diagramme und Seiten auf der rechten Seite</translation>
    </message>
    <message>
        <source>All tabs</source>
        <translation>Alle Reiter</translation>
    </message>
    <message>
        <source>All tabs by name; move one to the other side</source>
        <translation>Alle Reiter nach Namen; einen auf die andere Seite schieben</translation>
    </message>
    <message>
        <source>Move to the right side</source>
        <translation>Auf die rechte Seite schieben</translation>
    </message>
    <message>
        <source>Move to the left side</source>
        <translation>Auf die linke Seite schieben</translation>
    </message>
    <message>
        <source>One side again</source>
        <translation>Wieder nur eine Seite</translation>
    </message>
    <message>
        <source>Move this tab to the other side</source>
        <translation>Diesen Reiter auf die andere Seite schieben</translation>
    </message>
</context>
<context>
    <name>tokenmark::SweepEditor</name>
    <message>
        <source>The sweep as YAML</source>
        <translation>Die Messreihe als YAML</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>&amp;Open …</source>
        <translation>&amp;Öffnen …</translation>
    </message>
    <message>
        <source>Read a sweep file</source>
        <translation>Eine Messreihendatei lesen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close the editor; the sweep stays in it</source>
        <translation>Den Editor schließen; die Messreihe bleibt darin</translation>
    </message>
    <message>
        <source>&amp;Start</source>
        <translation>&amp;Starten</translation>
    </message>
    <message>
        <source>Run the sweep (Ctrl+Return)</source>
        <translation>Die Messreihe ausführen (Ctrl+Return)</translation>
    </message>
    <message>
        <source>Ctrl+Return</source>
        <translation>Ctrl+Return</translation>
    </message>
    <message>
        <source>Continue an earlier one</source>
        <translation>Eine frühere fortsetzen</translation>
    </message>
    <message>
        <source>Continue an earlier run of this sweep</source>
        <translation>Einen früheren Lauf dieser Messreihe fortsetzen</translation>
    </message>
    <message>
        <source>Leave out the points that an earlier run of this very sweep has finished</source>
        <translation>Die Punkte auslassen, die ein früherer Lauf genau dieser Messreihe fertig hat</translation>
    </message>
    <message>
        <source>Line %1: %2</source>
        <translation>Zeile %1: %2</translation>
    </message>
    <message>
        <source>1 point</source>
        <translation>1 Punkt</translation>
    </message>
    <message>
        <source>%1 points</source>
        <translation>%1 Punkte</translation>
    </message>
    <message>
        <source>1 problem</source>
        <translation>1 Fehler</translation>
    </message>
    <message>
        <source>%1 problems</source>
        <translation>%1 Fehler</translation>
    </message>
    <message>
        <source>Open a sweep file</source>
        <translation>Eine Messreihendatei öffnen</translation>
    </message>
    <message>
        <source>Sweeps (*.yaml *.yml);;All files (*)</source>
        <translation>Messreihen (*.yaml *.yml);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Save the sweep</source>
        <translation>Die Messreihe speichern</translation>
    </message>
    <message>
        <source>Sa&amp;ve</source>
        <translation>Spei&amp;chern</translation>
    </message>
    <message>
        <source>Write the YAML into its file (Ctrl+S)</source>
        <translation>Das YAML in seine Datei schreiben (Ctrl+S)</translation>
    </message>
    <message>
        <source>Save &amp;as …</source>
        <translation>Speichern &amp;unter …</translation>
    </message>
    <message>
        <source>Write the YAML into another file</source>
        <translation>Das YAML in eine andere Datei schreiben</translation>
    </message>
    <message>
        <source>%1 more</source>
        <translation>%1 weitere</translation>
    </message>
    <message>
        <source>Besides what the form shows, the YAML says: %1.</source>
        <translation>Außer dem, was das Formular zeigt, sagt das YAML: %1.</translation>
    </message>
    <message>
        <source>The form waits until the YAML can be read.</source>
        <translation>Das Formular wartet, bis das YAML gelesen werden kann.</translation>
    </message>
    <message>
        <source>the sweep that was here and is in no file</source>
        <translation>die Messreihe, die hier war und in keiner Datei steht</translation>
    </message>
    <message>
        <source>the changes to %1</source>
        <translation>die Änderungen an %1</translation>
    </message>
    <message>
        <source>This sweep has replaced %1: Ctrl+Z brings back what was there.</source>
        <translation>Diese Messreihe ersetzt %1: Ctrl+Z bringt zurück, was da war.</translation>
    </message>
    <message>
        <source>New sweep[*]</source>
        <translation>Neue Messreihe[*]</translation>
    </message>
    <message>
        <source>%1[*] – sweep</source>
        <translation>%1[*] – Messreihe</translation>
    </message>
    <message>
        <source>Sweeps (*.sweep.yaml *.yaml *.yml)</source>
        <translation>Messreihen (*.sweep.yaml *.yaml *.yml)</translation>
    </message>
</context>
<context>
    <name>tokenmark::SweepFormWidget</name>
    <message>
        <source>Sweep</source>
        <translation>Messreihe</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Shown in the list of runs</source>
        <translation>Steht in der Liste der Läufe</translation>
    </message>
    <message>
        <source>SSH host</source>
        <translation>SSH-Rechner</translation>
    </message>
    <message>
        <source>Agent there</source>
        <translation>Agent dort</translation>
    </message>
    <message>
        <source>Path of tokenmark-cli on that machine</source>
        <translation>Pfad von tokenmark-cli auf jenem Rechner</translation>
    </message>
    <message>
        <source>Target</source>
        <translation>Ziel</translation>
    </message>
    <message>
        <source>Embedded engine</source>
        <translation>Eingebaute Engine</translation>
    </message>
    <message>
        <source>OpenAI-compatible server</source>
        <translation>Server mit OpenAI-Schnittstelle</translation>
    </message>
    <message>
        <source>What is measured</source>
        <translation>Was gemessen wird</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Device that runs the model</source>
        <translation>Gerät, auf dem das Modell läuft</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>0: one for each core</source>
        <translation>0: einer je Kern</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>automatisch</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>URL</source>
        <translation>URL</translation>
    </message>
    <message>
        <source>http://host:port, without /v1</source>
        <translation>http://host:port, ohne /v1</translation>
    </message>
    <message>
        <source>The name under which the server serves it</source>
        <translation>Der Name, unter dem der Server es anbietet</translation>
    </message>
    <message>
        <source>API</source>
        <translation>API</translation>
    </message>
    <message>
        <source>Key from</source>
        <translation>Schlüssel aus</translation>
    </message>
    <message>
        <source>Name of the environment variable that holds the API key</source>
        <translation>Name der Umgebungsvariablen mit dem API-Schlüssel</translation>
    </message>
    <message>
        <source>no key</source>
        <translation>kein Schlüssel</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>Tokenizer</translation>
    </message>
    <message>
        <source>GGUF file whose vocabulary makes the prompts; empty: prompts are sent as token ids</source>
        <translation>GGUF-Datei, aus deren Vokabular die Prompts gemacht werden; leer: Prompts werden als Token-Nummern gesendet</translation>
    </message>
    <message>
        <source>prompts as token ids</source>
        <translation>Prompts als Token-Nummern</translation>
    </message>
    <message>
        <source>Workload</source>
        <translation>Arbeitslast</translation>
    </message>
    <message>
        <source>Input tokens</source>
        <translation>Eingabe-Token</translation>
    </message>
    <message>
        <source>Length of a prompt</source>
        <translation>Länge eines Prompts</translation>
    </message>
    <message>
        <source>Output tokens</source>
        <translation>Ausgabe-Token</translation>
    </message>
    <message>
        <source>Length of an answer</source>
        <translation>Länge einer Antwort</translation>
    </message>
    <message>
        <source>Range ratio</source>
        <translation>Spannweite</translation>
    </message>
    <message>
        <source>r: lengths are uniform between r·L and L; 1: all equal</source>
        <translation>r: Längen sind gleichverteilt zwischen r·L und L; 1: alle gleich</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Last</translation>
    </message>
    <message>
        <source>Concurrency</source>
        <translation>Gleichzeitigkeit</translation>
    </message>
    <message>
        <source>Requests in flight, one point each: 1, 2, 4, 8</source>
        <translation>Anfragen in Arbeit, je ein Punkt: 1, 2, 4, 8</translation>
    </message>
    <message>
        <source>Requests each</source>
        <translation>Anfragen je</translation>
    </message>
    <message>
        <source>Measured requests per concurrency</source>
        <translation>Gemessene Anfragen je Gleichzeitigkeit</translation>
    </message>
    <message>
        <source>Warm-ups each</source>
        <translation>Aufwärmen je</translation>
    </message>
    <message>
        <source>Requests before the measurement, not counted</source>
        <translation>Anfragen vor der Messung, nicht gezählt</translation>
    </message>
    <message>
        <source>Repeats</source>
        <translation>Wiederholungen</translation>
    </message>
    <message>
        <source>How often each point is measured</source>
        <translation>Wie oft jeder Punkt gemessen wird</translation>
    </message>
    <message>
        <source>Limits for goodput</source>
        <translation>Grenzen für Goodput</translation>
    </message>
    <message>
        <source>TTFT, s</source>
        <translation>TTFT, s</translation>
    </message>
    <message>
        <source>TPOT, s</source>
        <translation>TPOT, s</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>keine Grenze</translation>
    </message>
    <message>
        <source>Node</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>This machine</source>
        <translation>Dieser Rechner</translation>
    </message>
    <message>
        <source>SSH host …</source>
        <translation>SSH-Rechner …</translation>
    </message>
    <message>
        <source>Where it runs; the Nodes page keeps a list</source>
        <translation>Wo sie läuft; die Seite Knoten führt eine Liste</translation>
    </message>
    <message>
        <source>user@host of another machine</source>
        <translation>user@host eines anderen Rechners</translation>
    </message>
    <message>
        <source>user@host</source>
        <translation>user@host</translation>
    </message>
    <message>
        <source>A model file, or shape:NAME:FORMAT for random weights of a known shape</source>
        <translation>Eine Modelldatei, oder shape:NAME:FORMAT für zufällige Gewichte einer bekannten Form</translation>
    </message>
    <message>
        <source>Choose a model file …</source>
        <translation>Eine Modelldatei wählen …</translation>
    </message>
    <message>
        <source>Choose a file …</source>
        <translation>Eine Datei wählen …</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Tokens of the longest sequence for which memory is kept; 0: as the model&apos;s file says</source>
        <translation>Token der längsten Folge, für die Speicher belegt wird; 0: wie es in der Modelldatei steht</translation>
    </message>
    <message>
        <source>The HTTP API that requests are sent to</source>
        <translation>Die HTTP-API, an die Anfragen gesendet werden</translation>
    </message>
    <message>
        <source>Accelerators</source>
        <translation>Beschleuniger</translation>
    </message>
    <message>
        <source>How many are behind it; figures for each GPU need it</source>
        <translation>Wie viele dahinter stehen; Größen je GPU brauchen es</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>Hardware</source>
        <translation>Hardware</translation>
    </message>
    <message>
        <source>Which they are, as the prices name it: h200, b200 …</source>
        <translation>Welche es sind, wie die Preislisten sie nennen: h200, b200 …</translation>
    </message>
    <message>
        <source>Shared prefix</source>
        <translation>Gemeinsamer Anfang</translation>
    </message>
    <message>
        <source>Tokens that the prompts of a group share at their start, on top of the input</source>
        <translation>Token, die die Prompts einer Gruppe am Anfang gemeinsam haben, zusätzlich zur Eingabe</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>Prefix groups</source>
        <translation>Gruppen</translation>
    </message>
    <message>
        <source>How many different prefixes there are</source>
        <translation>Wie viele verschiedene Anfänge es gibt</translation>
    </message>
    <message>
        <source>Popularity</source>
        <translation>Beliebtheit</translation>
    </message>
    <message>
        <source>Zipf&apos;s exponent: the k-th group is asked for as often as k to the power of minus it; 0: all alike</source>
        <translation>Zipf-Exponent s: die k-te Gruppe ist so häufig wie k hoch −s; 0: alle gleich</translation>
    </message>
    <message>
        <source>all alike</source>
        <translation>alle gleich</translation>
    </message>
    <message>
        <source>Turns</source>
        <translation>Beiträge</translation>
    </message>
    <message>
        <source>Of a conversation; each is sent with all that was said before it</source>
        <translation>Eines Gesprächs; jeder wird mit allem gesendet, was davor gesagt wurde</translation>
    </message>
    <message>
        <source>Think time, s</source>
        <translation>Denkzeit, s</translation>
    </message>
    <message>
        <source>Mean time between an answer and the next turn</source>
        <translation>Mittlere Zeit zwischen einer Antwort und dem nächsten Beitrag</translation>
    </message>
    <message>
        <source>Requests come</source>
        <translation>Anfragen kommen</translation>
    </message>
    <message>
        <source>Closed loop: so many at once, a new one when one ends. Open loop: at times that do not wait for the server</source>
        <translation>Geschlossene Schleife: so viele zugleich, eine neue, wenn eine endet. Offene Schleife: zu Zeiten, die nicht auf den Server warten</translation>
    </message>
    <message>
        <source>closed loop, by concurrency</source>
        <translation>geschlossene Schleife, nach Gleichzeitigkeit</translation>
    </message>
    <message>
        <source>open loop, evenly</source>
        <translation>offene Schleife, gleichmäßig</translation>
    </message>
    <message>
        <source>open loop, Poisson</source>
        <translation>offene Schleife, Poisson</translation>
    </message>
    <message>
        <source>open loop, gamma</source>
        <translation>offene Schleife, Gamma</translation>
    </message>
    <message>
        <source>Rates, 1/s</source>
        <translation>Raten, 1/s</translation>
    </message>
    <message>
        <source>Requests a second, one point each: 0.5, 1, 2, 4</source>
        <translation>Anfragen je Sekunde, je ein Punkt: 0.5, 1, 2, 4</translation>
    </message>
    <message>
        <source>At least</source>
        <translation>Mindestens</translation>
    </message>
    <message>
        <source>So many requests at any concurrency</source>
        <translation>So viele Anfragen bei jeder Gleichzeitigkeit</translation>
    </message>
    <message>
        <source>no least number</source>
        <translation>keine Mindestzahl</translation>
    </message>
    <message>
        <source>Duration, s</source>
        <translation>Dauer, s</translation>
    </message>
    <message>
        <source>Nothing is sent later than this after the measurement began</source>
        <translation>Nach dieser Zeit seit Beginn der Messung wird nichts mehr gesendet</translation>
    </message>
    <message>
        <source>Also varies</source>
        <translation>Außerdem ändert sich</translation>
    </message>
    <message>
        <source>One more field, with a point for each of its values</source>
        <translation>Noch ein Feld, mit einem Punkt für jeden seiner Werte</translation>
    </message>
    <message>
        <source>with</source>
        <translation>mit</translation>
    </message>
    <message>
        <source>Its values: 1, 2, 4</source>
        <translation>Seine Werte: 1, 2, 4</translation>
    </message>
    <message>
        <source>Requests slower than this miss; empty: no limit</source>
        <translation>Langsamere Anfragen verfehlen die Grenze; leer: keine Grenze</translation>
    </message>
    <message>
        <source>Random weights of this shape</source>
        <translation>Zufällige Gewichte dieser Form</translation>
    </message>
    <message>
        <source>%1
Varies here: an axis of the YAML gives its values</source>
        <translation>%1
Ändert sich hier: eine Achse des YAML gibt die Werte</translation>
    </message>
    <message>
        <source>%1 · %2, %3</source>
        <translation>%1 · %2, %3</translation>
    </message>
    <message>
        <source>Choose a model file</source>
        <translation>Eine Modelldatei wählen</translation>
    </message>
    <message>
        <source>Models (*.gguf);;All files (*)</source>
        <translation>Modelle (*.gguf);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>nothing else</source>
        <translation>sonst nichts</translation>
    </message>
</context>
<context>
    <name>tokenmark::SweepJob</name>
    <message>
        <source>started</source>
        <translation>begonnen</translation>
    </message>
    <message>
        <source>starting …</source>
        <translation>startet …</translation>
    </message>
    <message>
        <source>run %1 stored</source>
        <translation>Lauf %1 gespeichert</translation>
    </message>
    <message>
        <source>point %1 of %2 · %3</source>
        <translation>Punkt %1 von %2 · %3</translation>
    </message>
    <message>
        <source> · %1 of %2 requests</source>
        <translation> · %1 von %2 Anfragen</translation>
    </message>
    <message>
        <source>cancelled; what was finished is kept</source>
        <translation>abgebrochen; was fertig war, bleibt</translation>
    </message>
    <message>
        <source>%1 points done; %2</source>
        <translation>%1 Punkte fertig; %2</translation>
    </message>
    <message>
        <source>done, %1 points</source>
        <translation>fertig, %1 Punkte</translation>
    </message>
    <message>
        <source>%1 points done, %2 failed%3</source>
        <translation>%1 Punkte fertig, %2 gescheitert%3</translation>
    </message>
    <message>
        <source>Retry failed points</source>
        <translation>Gescheiterte Punkte neu messen</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
</context>
<context>
    <name>tokenmark::SweepPlan</name>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>1 point</source>
        <translation>1 Punkt</translation>
    </message>
    <message>
        <source>%1 points</source>
        <translation>%1 Punkte</translation>
    </message>
    <message>
        <source>%1 requests</source>
        <translation>%1 Anfragen</translation>
    </message>
    <message>
        <source>at least %1, %2</source>
        <translation>mindestens %1, %2</translation>
    </message>
    <message>
        <source>about %1, %2</source>
        <translation>etwa %1, %2</translation>
    </message>
    <message>
        <source>time not known: nothing like it was measured here</source>
        <translation>Zeit unbekannt: Ähnliches wurde hier noch nicht gemessen</translation>
    </message>
    <message>
        <source>The first points in their order</source>
        <translation>Die ersten Punkte in ihrer Reihenfolge</translation>
    </message>
    <message>
        <source>#</source>
        <translation>#</translation>
    </message>
    <message>
        <source>Point</source>
        <translation>Punkt</translation>
    </message>
    <message>
        <source>Repeat</source>
        <translation>Wiederholung</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>Anfragen</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>and %1 more</source>
        <translation>und %1 weitere</translation>
    </message>
    <message>
        <source>nothing is left to do: an earlier run has finished all %1 points</source>
        <translation>nichts mehr zu tun: ein früherer Lauf hat alle %1 Punkte fertig</translation>
    </message>
    <message>
        <source>%1 are done</source>
        <translation>%1 sind fertig</translation>
    </message>
    <message>
        <source>%1 requests and %2 warm-ups</source>
        <translation>%1 Anfragen und %2 zum Aufwärmen</translation>
    </message>
    <message>
        <source>%1 tokens in, %2 out</source>
        <translation>%1 Token ein, %2 aus</translation>
    </message>
</context>
<context>
    <name>tokenmark::SweepSources</name>
    <message>
        <source>Start &amp;from</source>
        <translation>Be&amp;ginnen mit</translation>
    </message>
    <message>
        <source>Start from a built-in sweep or a recent file</source>
        <translation>Mit einer eingebauten Messreihe oder einer zuletzt benutzten Datei beginnen</translation>
    </message>
    <message>
        <source>A built-in sweep, or a file that was opened or saved lately</source>
        <translation>Eine eingebaute Messreihe, oder eine Datei, die zuletzt geöffnet oder gespeichert wurde</translation>
    </message>
    <message>
        <source>Recent files</source>
        <translation>Zuletzt benutzte Dateien</translation>
    </message>
</context>
<context>
    <name>tokenmark::TimelinePage</name>
    <message>
        <source>Requests over time</source>
        <translation>Anfragen über die Zeit</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Which of the chosen runs is shown</source>
        <translation>Welcher der gewählten Läufe gezeigt wird</translation>
    </message>
    <message>
        <source>Choose a run in the list on the left:
its requests are shown here over time.</source>
        <translation>Links in der Liste einen Lauf wählen:
hier erscheinen seine Anfragen über die Zeit.</translation>
    </message>
    <message>
        <source>Reading the event log …</source>
        <translation>Liest das Ereignisprotokoll …</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitverlauf</translation>
    </message>
    <message>
        <source>… and %1 more: choose fewer in the list</source>
        <translation>… und %1 weitere: in der Liste weniger wählen</translation>
    </message>
</context>
<context>
    <name>tokenmark::TimelinePlot</name>
    <message>
        <source>Intended at</source>
        <translation>Geplant für</translation>
    </message>
    <message>
        <source>Sent at</source>
        <translation>Gesendet um</translation>
    </message>
    <message>
        <source>Send lag</source>
        <translation>Sendeverzug</translation>
    </message>
    <message>
        <source>TTFT</source>
        <translation>TTFT</translation>
    </message>
    <message>
        <source>Ended after</source>
        <translation>Beendet nach</translation>
    </message>
    <message>
        <source>Tokens in, out</source>
        <translation>Token ein, aus</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>Warm-up</source>
        <translation>Aufwärmen</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
    <message>
        <source>Request %1</source>
        <translation>Anfrage %1</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>%1 W</source>
        <translation>%1 W</translation>
    </message>
    <message>
        <source>Devices busy</source>
        <translation>Geräte beschäftigt</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Takt</translation>
    </message>
    <message>
        <source>%1 MHz</source>
        <translation>%1 MHz</translation>
    </message>
    <message>
        <source>Hottest</source>
        <translation>Am heißesten</translation>
    </message>
    <message>
        <source>%1 °C</source>
        <translation>%1 °C</translation>
    </message>
    <message>
        <source>In flight</source>
        <translation>In Arbeit</translation>
    </message>
    <message>
        <source>… at most</source>
        <translation>… höchstens</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>%1 tok/s</source>
        <translation>%1 tok/s</translation>
    </message>
    <message>
        <source>Arrivals</source>
        <translation>Ankünfte</translation>
    </message>
    <message>
        <source>%1 req/s</source>
        <translation>%1 Anfr./s</translation>
    </message>
    <message>
        <source>Mean over</source>
        <translation>Mittel über</translation>
    </message>
    <message>
        <source>At %1</source>
        <translation>Bei %1</translation>
    </message>
</context>
<context>
    <name>tokenmark::TrendPage</name>
    <message>
        <source>Trend over versions of software</source>
        <translation>Verlauf über Versionen der Software</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>figure</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Figure whose history is shown</source>
        <translation>Größe, deren Verlauf gezeigt wird</translation>
    </message>
    <message>
        <source>by</source>
        <translation>nach</translation>
    </message>
    <message>
        <source>What one step of the horizontal axis is</source>
        <translation>Was ein Schritt der waagerechten Achse ist</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>at</source>
        <translation>bei</translation>
    </message>
    <message>
        <source>Figure that is held while software changes</source>
        <translation>Größe, die festgehalten wird, während die Software sich ändert</translation>
    </message>
    <message>
        <source>Value at which the figure is read</source>
        <translation>Wert, bei dem die Größe abgelesen wird</translation>
    </message>
    <message>
        <source>Value at which the figure is read; empty: the middle of what most states have measured</source>
        <translation>Wert, bei dem die Größe abgelesen wird; leer: die Mitte dessen, was die meisten Stände gemessen haben</translation>
    </message>
    <message>
        <source>prices</source>
        <translation>Preise</translation>
    </message>
    <message>
        <source>Price set of cost and power</source>
        <translation>Preisliste für Kosten und Leistung</translation>
    </message>
    <message>
        <source>How the hardware is paid for</source>
        <translation>Wie die Hardware bezahlt wird</translation>
    </message>
    <message>
        <source>Reading the runs&apos; environments …</source>
        <translation>Liest die Umgebungen der Läufe …</translation>
    </message>
    <message>
        <source>Trend</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>No run has this figure at this value.
Leave the value empty for one that most have measured, or choose other runs.</source>
        <translation>Kein Lauf hat diese Größe bei diesem Wert.
Den Wert leer lassen für einen, den die meisten gemessen haben, oder andere Läufe wählen.</translation>
    </message>
    <message>
        <source>%1 of %2 runs</source>
        <translation>%1 von %2 Läufen</translation>
    </message>
    <message>
        <source>prices %1</source>
        <translation>Preise %1</translation>
    </message>
</context>
<context>
    <name>tokenmark::TrendPlot</name>
    <message>
        <source>… and %1 more</source>
        <translation>… und %1 weitere</translation>
    </message>
    <message>
        <source>Repeats</source>
        <translation>Wiederholungen</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>Gemessen</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Differs from the state before</source>
        <translation>Anders als der Stand davor</translation>
    </message>
    <message>
        <source>From, to</source>
        <translation>Von, bis</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>Änderung</translation>
    </message>
    <message>
        <source>better</source>
        <translation>besser</translation>
    </message>
    <message>
        <source>worse</source>
        <translation>schlechter</translation>
    </message>
    <message>
        <source>95 % interval</source>
        <translation>95-%-Intervall</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 bis %2</translation>
    </message>
    <message>
        <source>p</source>
        <translation>p</translation>
    </message>
    <message>
        <source>Differs there</source>
        <translation>Anders dort</translation>
    </message>
</context>
<context>
    <name>tokenmark::UnfinishedSweeps</name>
    <message>
        <source>“%1” (%2 of %3 points)</source>
        <translation>„%1“ (%2 von %3 Punkten)</translation>
    </message>
    <message>
        <source>“%1”</source>
        <translation>„%1“</translation>
    </message>
    <message>
        <source> and %1 more</source>
        <translation> und %1 weitere</translation>
    </message>
    <message>
        <source>A sweep was not finished when the program ended: %1. What was measured is kept.</source>
        <translation>Eine Messreihe war nicht fertig, als das Programm endete: %1. Was gemessen wurde, bleibt.</translation>
    </message>
    <message>
        <source>%1 sweeps were not finished when the program ended: %2. What was measured is kept.</source>
        <translation>%1 Messreihen waren nicht fertig, als das Programm endete: %2. Was gemessen wurde, bleibt.</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Resume all</source>
        <translation>Alle fortsetzen</translation>
    </message>
</context>
<context>
    <name>tokenmark::UserPrices</name>
    <message>
        <source>Prices are not kept: %1</source>
        <translation>Preise werden nicht behalten: %1</translation>
    </message>
</context>
</TS>
