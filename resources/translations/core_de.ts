<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<!-- core's words in German, kept by hand: app/desktop/core_words.h says how they are found. `{}` is what is filled in; in a
     translation `{1}` is the second of them. A test finds sources that core does not have any more. -->
<TS version="2.1" language="de_DE">
<context>
    <name>core</name>
    <!-- Axes: core/report/axes.cpp -->
    <message>
        <source>Interactivity</source>
        <translation>Interaktivität</translation>
    </message>
    <message>
        <source>Time to first token</source>
        <translation>Zeit bis zum ersten Token</translation>
    </message>
    <message>
        <source>Time to first token, p99</source>
        <translation>Zeit bis zum ersten Token, p99</translation>
    </message>
    <message>
        <source>End-to-end latency</source>
        <translation>Gesamtlatenz (E2E)</translation>
    </message>
    <message>
        <source>Throughput per GPU</source>
        <translation>Durchsatz je GPU</translation>
    </message>
    <message>
        <source>Output throughput per GPU</source>
        <translation>Ausgabedurchsatz je GPU</translation>
    </message>
    <message>
        <source>Input throughput per GPU</source>
        <translation>Eingabedurchsatz je GPU</translation>
    </message>
    <message>
        <source>Output throughput</source>
        <translation>Ausgabedurchsatz</translation>
    </message>
    <message>
        <source>Cost per million total tokens</source>
        <translation>Kosten je Million Token</translation>
    </message>
    <message>
        <source>Total tokens per dollar</source>
        <translation>Token je Dollar</translation>
    </message>
    <message>
        <source>Total throughput per megawatt</source>
        <translation>Durchsatz je Megawatt</translation>
    </message>
    <message>
        <source>Concurrency</source>
        <translation>Gleichzeitigkeit</translation>
    </message>
    <message>
        <source>Task score</source>
        <translation>Ergebnis der Aufgabe</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>KL divergence</source>
        <translation>KL-Divergenz</translation>
    </message>
    <message>
        <source>Offered request rate</source>
        <translation>Angebotene Anfragerate</translation>
    </message>
    <message>
        <source>Request throughput</source>
        <translation>Anfragedurchsatz</translation>
    </message>
    <message>
        <source>Goodput</source>
        <translation>Goodput</translation>
    </message>
    <message>
        <source>Time per output token</source>
        <translation>Zeit je Ausgabe-Token</translation>
    </message>
    <message>
        <source>Time per output token, p99</source>
        <translation>Zeit je Ausgabe-Token, p99</translation>
    </message>
    <message>
        <source>Metered energy per token</source>
        <translation>Gemessene Energie je Token</translation>
    </message>
    <message>
        <source>Metered energy per output token</source>
        <translation>Gemessene Energie je Ausgabe-Token</translation>
    </message>
    <message>
        <source>Provisioned energy per token</source>
        <translation>Bereitgestellte Energie je Token</translation>
    </message>
    <message>
        <source>median over requests of {}</source>
        <translation>Median über die Anfragen: {}</translation>
    </message>
    <message>
        <source>99th percentile over requests of {}</source>
        <translation>99. Perzentil über die Anfragen: {}</translation>
    </message>
    <message>
        <source>total tok/s/gpu · 3600 ÷ $/h per GPU</source>
        <translation>gesamte tok/s/gpu · 3600 ÷ $/h je GPU</translation>
    </message>
    <message>
        <source>total tok/s/gpu · 1000 ÷ all-in provisioned kW per GPU</source>
        <translation>gesamte tok/s/gpu · 1000 ÷ bereitgestellte kW je GPU, alles inbegriffen</translation>
    </message>
    <message>
        <source>requests kept in flight</source>
        <translation>Anfragen, die zugleich in Arbeit sind</translation>
    </message>
    <message>
        <source>accuracy (or ROUGE-L F1) of a task on the same engine or endpoint</source>
        <translation>Genauigkeit (oder ROUGE-L F1) einer Aufgabe auf derselben Engine oder demselben Server</translation>
    </message>
    <message>
        <source>exp of the mean negative log-probability of a text's tokens, second halves of windows</source>
        <translation>exp der mittleren negativen Log-Wahrscheinlichkeit der Token eines Textes, zweite Hälften der Fenster</translation>
    </message>
    <message>
        <source>mean over tokens of KL(reference ‖ model)</source>
        <translation>Mittel über die Token von KL(Referenz ‖ Modell)</translation>
    </message>
    <message>
        <source>requests a second that the schedule of an open loop sends</source>
        <translation>Anfragen je Sekunde, die der Zeitplan einer offenen Schleife sendet</translation>
    </message>
    <message>
        <source>all-in provisioned kW per GPU · 1000 ÷ total tok/s/gpu</source>
        <translation>bereitgestellte kW je GPU, alles inbegriffen · 1000 ÷ gesamte tok/s/gpu</translation>
    </message>
    <message>
        <source>requests</source>
        <translation>Anfragen</translation>
    </message>
    <message>
        <source>share right</source>
        <translation>Anteil richtig</translation>
    </message>
    <message>
        <source>tok/s/user</source>
        <translation>tok/s/Nutzer</translation>
    </message>
    <message>
        <source>req/s</source>
        <translation>Anfr./s</translation>
    </message>
    <message>
        <source>items/s</source>
        <translation>Stück/s</translation>
    </message>
    <!-- Figures: core/metrics/figure_meanings.cpp -->
    <message>
        <source>Time to first token (TTFT)</source>
        <translation>Zeit bis zum ersten Token (TTFT)</translation>
    </message>
    <message>
        <source>Time per output token (TPOT)</source>
        <translation>Zeit je Ausgabe-Token (TPOT)</translation>
    </message>
    <message>
        <source>Inter-token latency (ITL)</source>
        <translation>Latenz zwischen Token (ITL)</translation>
    </message>
    <message>
        <source>End-to-end latency (E2E)</source>
        <translation>Gesamtlatenz (E2E)</translation>
    </message>
    <message>
        <source>Latency of an item</source>
        <translation>Latenz eines Stücks</translation>
    </message>
    <message>
        <source>TTFT as scheduled</source>
        <translation>TTFT nach Plan</translation>
    </message>
    <message>
        <source>Interactivity, slow tail</source>
        <translation>Interaktivität, langsames Ende</translation>
    </message>
    <message>
        <source>Total throughput per GPU</source>
        <translation>Gesamtdurchsatz je GPU</translation>
    </message>
    <message>
        <source>Input throughput</source>
        <translation>Eingabedurchsatz</translation>
    </message>
    <message>
        <source>Throughput of items</source>
        <translation>Durchsatz an Stücken</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>Anfragen</translation>
    </message>
    <message>
        <source>Steady state</source>
        <translation>Eingeschwungen</translation>
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
        <source>Tokens counted by</source>
        <translation>Token gezählt von</translation>
    </message>
    <message>
        <source>In flight</source>
        <translation>In Arbeit</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Send lag</source>
        <translation>Sendeverzug</translation>
    </message>
    <message>
        <source>Client's CPU</source>
        <translation>Prozessor des Lastgenerators</translation>
    </message>
    <message>
        <source>Longest stall</source>
        <translation>Längste Stockung</translation>
    </message>
    <message>
        <source>Requests due, sent</source>
        <translation>Anfragen fällig, gesendet</translation>
    </message>
    <message>
        <source>Little's law</source>
        <translation>Gesetz von Little</translation>
    </message>
    <message>
        <source>first message with a token − start of sending</source>
        <translation>erste Nachricht mit einem Token − Beginn des Sendens</translation>
    </message>
    <message>
        <source>(E2E − TTFT) ÷ (n − 1), of requests with n ≥ 2 output tokens</source>
        <translation>(E2E − TTFT) ÷ (n − 1), von Anfragen mit n ≥ 2 Ausgabe-Token</translation>
    </message>
    <message>
        <source>gap between messages ÷ tokens in the later one, one value a token</source>
        <translation>Abstand zwischen Nachrichten ÷ Token in der späteren, ein Wert je Token</translation>
    </message>
    <message>
        <source>last token message − start of sending</source>
        <translation>letzte Nachricht mit Token − Beginn des Sendens</translation>
    </message>
    <message>
        <source>arrival of an image, video or embedding − start of sending</source>
        <translation>Ankunft eines Bildes, Videos oder Embeddings − Beginn des Sendens</translation>
    </message>
    <message>
        <source>first message with a token − the intended time of sending</source>
        <translation>erste Nachricht mit einem Token − geplanter Zeitpunkt des Sendens</translation>
    </message>
    <message>
        <source>median over requests of 1 ÷ TPOT: how fast one user sees text</source>
        <translation>Median über die Anfragen von 1 ÷ TPOT: wie schnell ein Nutzer Text sieht</translation>
    </message>
    <message>
        <source>1 ÷ p99 of TPOT</source>
        <translation>1 ÷ p99 der TPOT</translation>
    </message>
    <message>
        <source>input and output tokens of completed requests ÷ duration ÷ accelerators used; a CPU device counts as one</source>
        <translation>Eingabe- und Ausgabe-Token der abgeschlossenen Anfragen ÷ Dauer ÷ benutzte Beschleuniger; ein CPU-Gerät zählt als einer</translation>
    </message>
    <message>
        <source>output tokens ÷ duration ÷ accelerators used (decode accelerators where disaggregated)</source>
        <translation>Ausgabe-Token ÷ Dauer ÷ benutzte Beschleuniger (die für Decode, wo getrennt)</translation>
    </message>
    <message>
        <source>input tokens ÷ duration ÷ accelerators used (prefill accelerators where disaggregated)</source>
        <translation>Eingabe-Token ÷ Dauer ÷ benutzte Beschleuniger (die für Prefill, wo getrennt)</translation>
    </message>
    <message>
        <source>output tokens of completed requests ÷ duration</source>
        <translation>Ausgabe-Token der abgeschlossenen Anfragen ÷ Dauer</translation>
    </message>
    <message>
        <source>input tokens of completed requests ÷ duration</source>
        <translation>Eingabe-Token der abgeschlossenen Anfragen ÷ Dauer</translation>
    </message>
    <message>
        <source>completed requests ÷ duration</source>
        <translation>abgeschlossene Anfragen ÷ Dauer</translation>
    </message>
    <message>
        <source>images, videos or embeddings ÷ duration</source>
        <translation>Bilder, Videos oder Embeddings ÷ Dauer</translation>
    </message>
    <message>
        <source>first send to last end, warm-ups left out</source>
        <translation>vom ersten Senden bis zum letzten Ende, ohne Aufwärmen</translation>
    </message>
    <message>
        <source>completed ones; failed ones are counted beside them and are +∞ in percentiles of latency</source>
        <translation>die abgeschlossenen; gescheiterte werden daneben gezählt und sind in Perzentilen der Latenz +∞</translation>
    </message>
    <message>
        <source>requests that met all limits of the run ÷ duration; failed ones count as missed</source>
        <translation>Anfragen, die alle Grenzen des Laufs hielten ÷ Dauer; gescheiterte zählen als verfehlt</translation>
    </message>
    <message>
        <source>$/h per GPU ÷ (total tok/s/gpu · 3600) · 10⁶</source>
        <translation>$/h je GPU ÷ (gesamte tok/s/gpu · 3600) · 10⁶</translation>
    </message>
    <message>
        <source>from the end of the ramp-up, which MSER-5 finds over throughput, requests in flight and TTFT, to the last send; every event counts where it happened</source>
        <translation>vom Ende des Anlaufs, das MSER-5 über Durchsatz, Anfragen in Arbeit und TTFT findet, bis zum letzten Senden; jedes Ereignis zählt, wo es geschah</translation>
    </message>
    <message>
        <source>of all devices that computed, over first send to last end, by their energy counters where there are any, else by the trapezoid of their readings</source>
        <translation>aller Geräte, die rechneten, vom ersten Senden bis zum letzten Ende, nach ihren Energiezählern, wo es welche gibt, sonst mit der Trapezregel über ihre Messwerte</translation>
    </message>
    <message>
        <source>power ÷ accelerators used</source>
        <translation>Leistung ÷ benutzte Beschleuniger</translation>
    </message>
    <message>
        <source>∫ metered power over the run</source>
        <translation>∫ gemessene Leistung über den Lauf</translation>
    </message>
    <message>
        <source>the trapezoid of the power beside the counter; more than 5 % off is said</source>
        <translation>die Trapezregel über die Leistung neben dem Zähler; mehr als 5 % Abweichung wird gesagt</translation>
    </message>
    <message>
        <source>∫ metered power over the run ÷ output tokens</source>
        <translation>∫ gemessene Leistung über den Lauf ÷ Ausgabe-Token</translation>
    </message>
    <message>
        <source>∫ metered power over the run ÷ input and output tokens</source>
        <translation>∫ gemessene Leistung über den Lauf ÷ Eingabe- und Ausgabe-Token</translation>
    </message>
    <message>
        <source>the server's usage, the tokenizer, or the engine</source>
        <translation>die Angabe des Servers, der Tokenizer oder die Engine</translation>
    </message>
    <message>
        <source>mean number of requests under way: the integral of concurrency ÷ duration</source>
        <translation>mittlere Zahl der Anfragen in Arbeit: das Integral der Gleichzeitigkeit ÷ Dauer</translation>
    </message>
    <message>
        <source>whether the load generator, not the server, was the limit</source>
        <translation>ob der Lastgenerator die Grenze war, nicht der Server</translation>
    </message>
    <message>
        <source>start of sending − the intended time: how late the load generator was</source>
        <translation>Beginn des Sendens − geplanter Zeitpunkt: wie spät der Lastgenerator war</translation>
    </message>
    <message>
        <source>what the load generator's loops used of their cores: near 100 % they were the limit</source>
        <translation>was die Schleifen des Lastgenerators von ihren Kernen brauchten: nahe 100 % waren sie die Grenze</translation>
    </message>
    <message>
        <source>how long a loop of the load generator looked away from its sockets: times within it are late</source>
        <translation>wie lange eine Schleife des Lastgenerators nicht nach ihren Verbindungen sah: Zeiten darin sind verspätet</translation>
    </message>
    <message>
        <source>between the first and the last: by their intended times, and as they were sent</source>
        <translation>zwischen der ersten und der letzten: nach ihren geplanten Zeitpunkten, und wie sie gesendet wurden</translation>
    </message>
    <message>
        <source>(λ·W) ÷ L with λ = completed ÷ duration, W = mean E2E, L = mean number in flight: 1 when the log is consistent</source>
        <translation>(λ·W) ÷ L mit λ = abgeschlossene ÷ Dauer, W = mittlere E2E, L = mittlere Zahl in Arbeit: 1, wenn das Protokoll in sich stimmt</translation>
    </message>
    <!-- Latencies: core/report/latency_samples.cpp -->
    <message>
        <source>Inter-token latency</source>
        <translation>Latenz zwischen Token (ITL)</translation>
    </message>
    <message>
        <source>first message with a token − send_start</source>
        <translation>erste Nachricht mit einem Token − Beginn des Sendens</translation>
    </message>
    <message>
        <source>(E2E − TTFT)/(n − 1) of requests with n ≥ 2 tokens</source>
        <translation>(E2E − TTFT)/(n − 1) der Anfragen mit n ≥ 2 Token</translation>
    </message>
    <message>
        <source>gap between messages ÷ tokens in the later one</source>
        <translation>Abstand zwischen Nachrichten ÷ Token in der späteren</translation>
    </message>
    <message>
        <source>last token message − send_start</source>
        <translation>letzte Nachricht mit Token − Beginn des Sendens</translation>
    </message>
    <message>
        <source>send_start − intended: how late the client was</source>
        <translation>Beginn des Sendens − geplanter Zeitpunkt: wie spät der Lastgenerator war</translation>
    </message>
    <!-- Price tiers: resources/prices.json -->
    <message>
        <source>buy and own, 4-year economic life</source>
        <translation>gekauft, 4 Jahre Nutzungsdauer</translation>
    </message>
    <message>
        <source>buy and own, neocloud giant, 4-year economic life</source>
        <translation>gekauft, großer Neocloud-Anbieter, 4 Jahre Nutzungsdauer</translation>
    </message>
    <message>
        <source>3-year rental, 25 % upfront</source>
        <translation>gemietet für 3 Jahre, 25 % im Voraus</translation>
    </message>
    <!-- States and verdicts -->
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
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
        <source>better</source>
        <translation>besser</translation>
    </message>
    <message>
        <source>worse</source>
        <translation>schlechter</translation>
    </message>
    <message>
        <source>lower</source>
        <translation>niedriger</translation>
    </message>
    <message>
        <source>higher</source>
        <translation>höher</translation>
    </message>
    <message>
        <source>noise</source>
        <translation>Rauschen</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>published</source>
        <translation>veröffentlicht</translation>
    </message>
    <message>
        <source>sample</source>
        <translation>Beispiel</translation>
    </message>
    <!-- Charts: core/report/chart_definition.cpp, chart.cpp, chart_groups.cpp -->
    <message>
        <source>Frontier</source>
        <translation>Front</translation>
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
        <source>Load</source>
        <translation>Last</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>{} against {}</source>
        <translation>{} gegen {}</translation>
    </message>
    <message>
        <source>{}; {}</source>
        <translation>{}; {}</translation>
    </message>
    <message>
        <source>{}, {}</source>
        <translation>{}, {}</translation>
    </message>
    <message>
        <source>{} ({}), {}</source>
        <translation>{} ({}), {}</translation>
    </message>
    <message>
        <source>{} ({})</source>
        <translation>{} ({})</translation>
    </message>
    <message>
        <source>{}: {}</source>
        <translation>{}: {}</translation>
    </message>
    <message>
        <source>{} GPUs, concurrency {}</source>
        <translation>{} GPUs, Gleichzeitigkeit {}</translation>
    </message>
    <message>
        <source>{} GPU{}, concurrency {}</source>
        <translation>{} GPU{}, Gleichzeitigkeit {}</translation>
    </message>
    <message>
        <source>concurrency {}</source>
        <translation>Gleichzeitigkeit {}</translation>
    </message>
    <message>
        <source>{} in, {} out</source>
        <translation>{} ein, {} aus</translation>
    </message>
    <message>
        <source>{} tokens</source>
        <translation>Token: {}</translation>
    </message>
    <message>
        <source>{} · {} tokens</source>
        <translation>{} · Token: {}</translation>
    </message>
    <message>
        <source>lengths unknown</source>
        <translation>Längen unbekannt</translation>
    </message>
    <message>
        <source>{} run{} left out: {}</source>
        <translation>Ausgelassene Läufe: {0} ({2})</translation>
    </message>
    <message>
        <source>'{}' mixes hardware ({}), so it has no one price</source>
        <translation>„{}“ mischt Hardware ({}) und hat darum nicht einen Preis</translation>
    </message>
    <message>
        <source>price set '{}' has no {} for {}</source>
        <translation>in der Preisliste „{}“ fehlt: {} für {}</translation>
    </message>
    <message>
        <source>price</source>
        <translation>Preis</translation>
    </message>
    <message>
        <source>unknown hardware</source>
        <translation>unbekannte Hardware</translation>
    </message>
    <message>
        <source>failed, cancelled or interrupted</source>
        <translation>gescheitert, abgebrochen oder unterbrochen</translation>
    </message>
    <message>
        <source>no {} measured</source>
        <translation>{} nicht gemessen</translation>
    </message>
    <message>
        <source>no {} (number of accelerators unknown)</source>
        <translation>{} fehlt (Zahl der Beschleuniger unbekannt)</translation>
    </message>
    <message>
        <source>no power of an accelerator measured</source>
        <translation>keine Leistung eines Beschleunigers gemessen</translation>
    </message>
    <message>
        <source>{} is not finite (too many failed requests)</source>
        <translation>{} ist nicht endlich (zu viele gescheiterte Anfragen)</translation>
    </message>
    <message>
        <source>a value that is not above 0 has no place on this axis</source>
        <translation>ein Wert, der nicht über 0 liegt, hat auf dieser Achse keinen Platz</translation>
    </message>
    <message>
        <source>Some runs use random weights: their speed is real, their text is not</source>
        <translation>Einige Läufe haben zufällige Gewichte: ihre Geschwindigkeit ist echt, ihr Text nicht</translation>
    </message>
    <message>
        <source>Price and power of {} are your own: price set '{}' has none</source>
        <translation>Preis und Leistung von {} sind eigene Angaben: in der Preisliste „{}“ stehen keine</translation>
    </message>
    <message>
        <source>{}: over {} at every measured load</source>
        <translation>{}: bei jeder gemessenen Last über {}</translation>
    </message>
    <message>
        <source>{}: within {} at every measured load, up to {} {}</source>
        <translation>{}: bei jeder gemessenen Last innerhalb von {}, bis {} {}</translation>
    </message>
    <message>
        <source>{}: within {} up to {} {}</source>
        <translation>{}: innerhalb von {} bis {} {}</translation>
    </message>
    <message>
        <source>{} series left out: these are the {} with the newest runs; search for others, or choose their runs</source>
        <translation>{} Reihen ausgelassen: dies sind die {} mit den neuesten Läufen; andere findet die Suche, oder ihre Läufe wählen</translation>
    </message>
    <message>
        <source>{} prices and power: {}</source>
        <translation>{}, Preise und Leistung: {}</translation>
    </message>
    <message>
        <source>'{}' can only be a y axis; x can be what was measured: interactivity, ttft, e2e, concurrency, request_rate …</source>
        <translation>„{}“ kann nur die y-Achse sein; x kann sein, was gemessen wurde: interactivity, ttft, e2e, concurrency, request_rate …</translation>
    </message>
    <message>
        <source>'{}' can only be an x axis</source>
        <translation>„{}“ kann nur die x-Achse sein</translation>
    </message>
    <message>
        <source>both axes are '{}': choose two figures</source>
        <translation>beide Achsen sind „{}“: bitte zwei Größen wählen</translation>
    </message>
    <message>
        <source>there is no price set '{}'; there are: {}</source>
        <translation>eine Preisliste „{}“ gibt es nicht; es gibt: {}</translation>
    </message>
    <message>
        <source>there is no price tier '{}'; there are: {}</source>
        <translation>eine Preisstufe „{}“ gibt es nicht; es gibt: {}</translation>
    </message>
    <!-- Keys of axes in notes -->
    <message>
        <source>interactivity</source>
        <translation>Interaktivität</translation>
    </message>
    <message>
        <source>ttft</source>
        <translation>TTFT</translation>
    </message>
    <message>
        <source>e2e</source>
        <translation>E2E</translation>
    </message>
    <message>
        <source>total_tok_s_gpu</source>
        <translation>Durchsatz je GPU</translation>
    </message>
    <message>
        <source>output_tok_s_gpu</source>
        <translation>Ausgabedurchsatz je GPU</translation>
    </message>
    <message>
        <source>input_tok_s_gpu</source>
        <translation>Eingabedurchsatz je GPU</translation>
    </message>
    <message>
        <source>output_tok_s</source>
        <translation>Ausgabedurchsatz</translation>
    </message>
    <message>
        <source>dollars_per_mtok</source>
        <translation>Kosten je Million Token</translation>
    </message>
    <message>
        <source>tokens_per_dollar</source>
        <translation>Token je Dollar</translation>
    </message>
    <message>
        <source>tok_s_per_mw</source>
        <translation>Durchsatz je Megawatt</translation>
    </message>
    <message>
        <source>concurrency</source>
        <translation>Gleichzeitigkeit</translation>
    </message>
    <message>
        <source>quality</source>
        <translation>Ergebnis der Aufgabe</translation>
    </message>
    <message>
        <source>perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>kl_divergence</source>
        <translation>KL-Divergenz</translation>
    </message>
    <message>
        <source>request_rate</source>
        <translation>Anfragerate</translation>
    </message>
    <message>
        <source>request_s</source>
        <translation>Anfragedurchsatz</translation>
    </message>
    <message>
        <source>goodput_req_s</source>
        <translation>Goodput</translation>
    </message>
    <message>
        <source>ttft_p99</source>
        <translation>TTFT p99</translation>
    </message>
    <message>
        <source>tpot</source>
        <translation>TPOT</translation>
    </message>
    <message>
        <source>tpot_p99</source>
        <translation>TPOT p99</translation>
    </message>
    <message>
        <source>joules_per_total_token</source>
        <translation>Energie je Token</translation>
    </message>
    <message>
        <source>joules_per_output_token</source>
        <translation>Energie je Ausgabe-Token</translation>
    </message>
    <message>
        <source>provisioned_joules_per_token</source>
        <translation>bereitgestellte Energie je Token</translation>
    </message>
    <!-- Comparison: core/report/comparison_table.cpp, comparison_text.cpp, run_comparison.cpp, core/metrics/compare.cpp -->
    <message>
        <source>at {} {}, against {}</source>
        <translation>bei {} {}, gegen {}</translation>
    </message>
    <message>
        <source>against {}</source>
        <translation>gegen {}</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nichts</translation>
    </message>
    <message>
        <source>run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>series</source>
        <translation>Reihe</translation>
    </message>
    <message>
        <source>figure</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>baseline</source>
        <translation>Bezug</translation>
    </message>
    <message>
        <source>change</source>
        <translation>Änderung</translation>
    </message>
    <message>
        <source>verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>{} % to {} %</source>
        <translation>{} % bis {} %</translation>
    </message>
    <message>
        <source>{} (published)</source>
        <translation>{} (veröffentlicht)</translation>
    </message>
    <message>
        <source>one run a point: no interval without repeats</source>
        <translation>ein Lauf je Punkt: ohne Wiederholungen kein Intervall</translation>
    </message>
    <message>
        <source>{} repeats: an interval needs 3 on each side</source>
        <translation>{} Wiederholungen: ein Intervall braucht 3 auf jeder Seite</translation>
    </message>
    <message>
        <source>the baseline does not reach here</source>
        <translation>der Bezug reicht nicht bis hierher</translation>
    </message>
    <message>
        <source>outside its measured range</source>
        <translation>außerhalb des Gemessenen</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
    <message>
        <source>not measured of the baseline</source>
        <translation>vom Bezug nicht gemessen</translation>
    </message>
    <message>
        <source>The baseline {} has no runs here; '{}' takes its place</source>
        <translation>Der Bezug {} hat hier keine Läufe; „{}“ tritt an seine Stelle</translation>
    </message>
    <message>
        <source>The baseline, run {}, is not among these; {} takes its place</source>
        <translation>Der Bezug, Lauf {}, ist nicht unter diesen; {} tritt an seine Stelle</translation>
    </message>
    <message>
        <source>Run {} is {} and has nothing to compare</source>
        <translation>Lauf {} ist {}: da ist nichts zu vergleichen</translation>
    </message>
    <message>
        <source>run {} is {} and has nothing to compare</source>
        <translation>Lauf {} ist {}: da ist nichts zu vergleichen</translation>
    </message>
    <message>
        <source>The runs are repeats of one point: each stands alone here</source>
        <translation>Die Läufe sind Wiederholungen eines Punkts: jeder steht hier für sich</translation>
    </message>
    <message>
        <source>a published figure has no requests to judge by</source>
        <translation>ein veröffentlichter Wert hat keine Anfragen, nach denen sich urteilen ließe</translation>
    </message>
    <message>
        <source>no requests to judge by: {}</source>
        <translation>keine Anfragen, nach denen sich urteilen ließe: {}</translation>
    </message>
    <message>
        <source>run {} · {} · concurrency {}</source>
        <translation>Lauf {} · {} · Gleichzeitigkeit {}</translation>
    </message>
    <message>
        <source>run {} · {}</source>
        <translation>Lauf {} · {}</translation>
    </message>
    <message>
        <source>{} ({} repeats)</source>
        <translation>{} ({} Wiederholungen)</translation>
    </message>
    <message>
        <source>TTFT mean</source>
        <translation>TTFT, Mittel</translation>
    </message>
    <message>
        <source>throughput per GPU</source>
        <translation>Durchsatz je GPU</translation>
    </message>
    <message>
        <source>cost</source>
        <translation>Kosten</translation>
    </message>
    <message>
        <source>output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>energy</source>
        <translation>Energie</translation>
    </message>
    <message>
        <source>goodput</source>
        <translation>Goodput</translation>
    </message>
    <message>
        <source>requests/s</source>
        <translation>Anfr./s</translation>
    </message>
    <message>
        <source>no difference</source>
        <translation>kein Unterschied</translation>
    </message>
    <message>
        <source>no limits were given</source>
        <translation>es sind keine Grenzen gesetzt</translation>
    </message>
    <message>
        <source>the input tokens are unknown</source>
        <translation>die Eingabe-Token sind unbekannt</translation>
    </message>
    <message>
        <source>it is not known how many accelerators were used</source>
        <translation>die Zahl der benutzten Beschleuniger ist unbekannt</translation>
    </message>
    <message>
        <source>its hardware has no price</source>
        <translation>die Hardware hat keinen Preis</translation>
    </message>
    <message>
        <source>no energy was measured</source>
        <translation>es wurde keine Energie gemessen</translation>
    </message>
    <message>
        <source>a meter's reading of one run has no interval: 3 repeats on each side give one</source>
        <translation>der Messwert eines Laufs hat kein Intervall: 3 Wiederholungen auf jeder Seite geben eines</translation>
    </message>
    <message>
        <source>a run has {} samples, {} are needed</source>
        <translation>ein Lauf hat {} Werte, nötig sind {}</translation>
    </message>
    <message>
        <source>it is infinite in a run: too many requests failed</source>
        <translation>in einem Lauf unendlich: zu viele Anfragen scheiterten</translation>
    </message>
    <message>
        <source>it is not above 0 in a run</source>
        <translation>in einem Lauf nicht über 0</translation>
    </message>
    <message>
        <source>a run's requests say as much as {} independent ones, {} are needed within one run</source>
        <translation>die Anfragen eines Laufs sagen so viel wie {} unabhängige, nötig sind {} in einem Lauf</translation>
    </message>
    <message>
        <source>Run-to-run variation is not covered: what is found holds for these runs. Measure each at least 3 times.</source>
        <translation>Unterschiede von Lauf zu Lauf sind nicht erfasst: was gefunden ist, gilt für diese Läufe. Jeden mindestens 3-mal messen.</translation>
    </message>
    <message>
        <source>The runs did not ask for the same list of requests: a difference may be that of the lists.</source>
        <translation>Die Läufe haben nicht dieselbe Liste von Anfragen gestellt: ein Unterschied kann der der Listen sein.</translation>
    </message>
    <message>
        <source>nothing can be held equal in '{}'; it can be interactivity, ttft, e2e or cost</source>
        <translation>in „{}“ lässt sich nichts gleich halten; möglich sind interactivity, ttft, e2e oder cost</translation>
    </message>
    <message>
        <source>series are compared at a number above 0, not at {}</source>
        <translation>Reihen werden bei einer Zahl über 0 verglichen, nicht bei {}</translation>
    </message>
    <!-- Differences of runs: core/report/run_difference.cpp -->
    <message>
        <source>Figures</source>
        <translation>Größen</translation>
    </message>
    <message>
        <source>Configuration</source>
        <translation>Konfiguration</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>Umgebung</translation>
    </message>
    <message>
        <source>state</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>started</source>
        <translation>begonnen</translation>
    </message>
    <message>
        <source>sweep</source>
        <translation>Messreihe</translation>
    </message>
    <message>
        <source>model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>framework</source>
        <translation>Framework</translation>
    </message>
    <message>
        <source>hardware</source>
        <translation>Hardware</translation>
    </message>
    <message>
        <source>device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>accelerators</source>
        <translation>Beschleuniger</translation>
    </message>
    <message>
        <source>node</source>
        <translation>Knoten</translation>
    </message>
    <message>
        <source>origin</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>repeat</source>
        <translation>Wiederholung</translation>
    </message>
    <message>
        <source>tags</source>
        <translation>Schlagwörter</translation>
    </message>
    <message>
        <source>measured</source>
        <translation>gemessen</translation>
    </message>
    <message>
        <source>TTFT p99 (s)</source>
        <translation>TTFT p99 (s)</translation>
    </message>
    <message>
        <source>TPOT p50 (s)</source>
        <translation>TPOT p50 (s)</translation>
    </message>
    <message>
        <source>TPOT p99 (s)</source>
        <translation>TPOT p99 (s)</translation>
    </message>
    <message>
        <source>Goodput (req/s)</source>
        <translation>Goodput (Anfr./s)</translation>
    </message>
    <message>
        <source>Duration (s)</source>
        <translation>Dauer (s)</translation>
    </message>
    <message>
        <source>Power per GPU (W)</source>
        <translation>Leistung je GPU (W)</translation>
    </message>
    <message>
        <source>Completed requests</source>
        <translation>Abgeschlossene Anfragen</translation>
    </message>
    <message>
        <source>Failed requests</source>
        <translation>Gescheiterte Anfragen</translation>
    </message>
    <!-- Distributions: core/report/distributions.cpp -->
    <message>
        <source>histogram</source>
        <translation>Histogramm</translation>
    </message>
    <message>
        <source>cumulative distribution</source>
        <translation>Verteilung</translation>
    </message>
    <message>
        <source>limit</source>
        <translation>Grenze</translation>
    </message>
    <message>
        <source>limit of run{} {}</source>
        <translation>Grenze, Läufe {1}</translation>
    </message>
    <message>
        <source>p{} is infinite: too many failed</source>
        <translation>p{} ist unendlich: zu viele gescheitert</translation>
    </message>
    <message>
        <source>{}: no {} was measured.</source>
        <translation>{}: {} wurde nicht gemessen.</translation>
    </message>
    <message>
        <source>{}: {} of {} samples are failed requests; they count as infinite, so the curve ends at {} %.</source>
        <translation>{}: {} von {} Werten sind gescheiterte Anfragen; sie zählen als unendlich, darum endet die Kurve bei {} %.</translation>
    </message>
    <message>
        <source>{}: withheld: {}.</source>
        <translation>{}: zurückgehalten: {}.</translation>
    </message>
    <message>
        <source>{}: percentiles without intervals, there are {} samples.</source>
        <translation>{}: Perzentile ohne Intervalle, es sind {} Werte.</translation>
    </message>
    <message>
        <source>{}: a few samples are far longer than the rest; a logarithmic axis shows both.</source>
        <translation>{}: einige Werte sind weit länger als der Rest; eine logarithmische Achse zeigt beide.</translation>
    </message>
    <message>
        <source>{}: {} samples are 0 or less and have no place on a logarithmic axis.</source>
        <translation>{}: {} Werte sind 0 oder kleiner und haben auf einer logarithmischen Achse keinen Platz.</translation>
    </message>
    <message>
        <source>The limit holds for the largest inter-token latency of a request.</source>
        <translation>Die Grenze gilt für die größte Latenz zwischen Token (ITL) einer Anfrage.</translation>
    </message>
    <!-- Timeline: core/report/timeline.cpp -->
    <message>
        <source>Run {}: timeline</source>
        <translation>Lauf {}: Zeitverlauf</translation>
    </message>
    <message>
        <source>No request was sent.</source>
        <translation>Es wurde keine Anfrage gesendet.</translation>
    </message>
    <message>
        <source>{} requests were never sent and are not shown.</source>
        <translation>{} Anfragen wurden nie gesendet und sind nicht gezeigt.</translation>
    </message>
    <message>
        <source>No steady state: {}.</source>
        <translation>Nicht eingeschwungen: {}.</translation>
    </message>
    <message>
        <source>No power: no meter told that of what computed; the run's environment says why.</source>
        <translation>Keine Leistung: kein Messgerät nannte die dessen, was rechnete; die Umgebung des Laufs sagt, warum.</translation>
    </message>
    <message>
        <source>Error: {}</source>
        <translation>Fehler: {}</translation>
    </message>
    <!-- Steady state: core/metrics/steady.cpp, figures.cpp -->
    <message>
        <source>{} requests completed; a steady state can be told from {} on</source>
        <translation>{} Anfragen abgeschlossen; ob eingeschwungen, lässt sich ab {} sagen</translation>
    </message>
    <message>
        <source>all requests were sent at once: the run is ramp-up and drain alone</source>
        <translation>alle Anfragen wurden auf einmal gesendet: der Lauf ist nur Anlauf und Auslauf</translation>
    </message>
    <message>
        <source>the run is ramp-up and drain alone</source>
        <translation>der Lauf ist nur Anlauf und Auslauf</translation>
    </message>
    <message>
        <source>never settled: the {} still changed in the second half of the run</source>
        <translation>nie eingeschwungen: {} änderte sich noch in der zweiten Hälfte des Laufs</translation>
    </message>
    <message>
        <source>throughput</source>
        <translation>Durchsatz</translation>
    </message>
    <message>
        <source>number of requests in flight</source>
        <translation>Zahl der Anfragen in Arbeit</translation>
    </message>
    <message>
        <source>no request was sent and ended</source>
        <translation>keine Anfrage wurde gesendet und endete</translation>
    </message>
    <!-- Trend: core/report/trend.cpp, trend_text.cpp -->
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Commit</source>
        <translation>Commit</translation>
    </message>
    <message>
        <source>Driver</source>
        <translation>Treiber</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Image</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>the framework's version</source>
        <translation>die Version des Frameworks</translation>
    </message>
    <message>
        <source>the commit that the engine was built from</source>
        <translation>der Commit, aus dem die Engine gebaut wurde</translation>
    </message>
    <message>
        <source>the device's driver</source>
        <translation>der Treiber des Geräts</translation>
    </message>
    <message>
        <source>the container image that the framework came in</source>
        <translation>das Container-Image, in dem das Framework kam</translation>
    </message>
    <message>
        <source>the day of the measurement, UTC</source>
        <translation>der Tag der Messung, UTC</translation>
    </message>
    <message>
        <source>From {} on (before: {}) the {} is {} % {}, which is {} (95 %: {} to {}; p = {}).</source>
        <translation>Ab {} (davor: {}): {}, {} % {}, also {} (95 %: {} bis {}; p = {}).</translation>
    </message>
    <message>
        <source>{} Differs: {}.</source>
        <translation>{} Anders ist: {}.</translation>
    </message>
    <message>
        <source>{} Nothing that is stored of the environment differs.</source>
        <translation>{} In der gespeicherten Umgebung ist nichts anders.</translation>
    </message>
    <message>
        <source>{} at interactivity {}</source>
        <translation>{} bei Interaktivität {}</translation>
    </message>
    <message>
        <source>{} at time to first token {}</source>
        <translation>{} bei Zeit bis zum ersten Token {}</translation>
    </message>
    <message>
        <source>{} at end-to-end latency {}</source>
        <translation>{} bei Gesamtlatenz {}</translation>
    </message>
    <message>
        <source>{} at concurrency {}</source>
        <translation>{} bei Gleichzeitigkeit {}</translation>
    </message>
    <message>
        <source>{} tok/s/user</source>
        <translation>{} tok/s/Nutzer</translation>
    </message>
    <message>
        <source>{} … and {} more</source>
        <translation>{} … und {} weitere</translation>
    </message>
    <message>
        <source>{}: {} of {} states not measured at {} = {}</source>
        <translation>{}: {} von {} Ständen nicht gemessen bei {} = {}</translation>
    </message>
    <message>
        <source>{}: changes are not looked for: a value is not above 0</source>
        <translation>{}: Änderungen werden nicht gesucht: ein Wert liegt nicht über 0</translation>
    </message>
    <message>
        <source>{} series with fewer than {} states: changes of level are not looked for</source>
        <translation>Reihen mit weniger als {1} Ständen: {0}; bei ihnen werden keine Änderungen gesucht</translation>
    </message>
    <message>
        <source>{} named no {}: they stand at the day of their measurement</source>
        <translation>{} ohne Angabe ({}): sie stehen am Tag ihrer Messung</translation>
    </message>
    <message>
        <source>{} left out: no {} and no date</source>
        <translation>{} ausgelassen: ohne Angabe ({}) und ohne Datum</translation>
    </message>
    <message>
        <source>The stored environment of {} cannot be read</source>
        <translation>Die gespeicherte Umgebung ist nicht lesbar: {}</translation>
    </message>
    <message>
        <source>version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>commit</source>
        <translation>Commit</translation>
    </message>
    <message>
        <source>driver</source>
        <translation>Treiber</translation>
    </message>
    <message>
        <source>image</source>
        <translation>Image</translation>
    </message>
    <message>
        <source>date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>there is no history by '{}'; there are: {}</source>
        <translation>einen Verlauf nach „{}“ gibt es nicht; es gibt: {}</translation>
    </message>
    <message>
        <source>the x at which figures are read must be a number, it is {}</source>
        <translation>das x, bei dem Größen abgelesen werden, muss eine Zahl sein, es ist {}</translation>
    </message>
    <!-- Event logs: core/report/logged_run.cpp, run_log.cpp, core/load/event_log.cpp -->
    <message>
        <source>Run {} has no event log: {}.</source>
        <translation>Lauf {} hat kein Ereignisprotokoll: {}.</translation>
    </message>
    <message>
        <source>'{}' is a published sample: it has figures, but no event log.</source>
        <translation>„{}“ ist ein veröffentlichtes Beispiel: es hat Werte, aber kein Ereignisprotokoll.</translation>
    </message>
    <message>
        <source>it is still being measured</source>
        <translation>er wird noch gemessen</translation>
    </message>
    <message>
        <source>it is {}</source>
        <translation>er ist {}</translation>
    </message>
    <message>
        <source>it was stored without one</source>
        <translation>er wurde ohne eines gespeichert</translation>
    </message>
    <message>
        <source>only its figures were stored ({})</source>
        <translation>nur seine Werte wurden gespeichert ({})</translation>
    </message>
    <message>
        <source>ended: all requests had been sent and answered</source>
        <translation>zu Ende: alle Anfragen waren gesendet und beantwortet</translation>
    </message>
    <message>
        <source>ended: the time in which requests are sent was over</source>
        <translation>zu Ende: die Zeit, in der Anfragen gesendet werden, war um</translation>
    </message>
    <message>
        <source>ended: the figure that was to be known was known well enough</source>
        <translation>zu Ende: der gesuchte Wert war genau genug bekannt</translation>
    </message>
    <message>
        <source>ended: too many requests had failed</source>
        <translation>zu Ende: zu viele Anfragen waren gescheitert</translation>
    </message>
    <message>
        <source>ended: the point's time limit; what was not answered by then was given up</source>
        <translation>zu Ende: die Frist des Punkts war um; was bis dahin nicht beantwortet war, wurde aufgegeben</translation>
    </message>
    <message>
        <source>request {} failed: {}</source>
        <translation>Anfrage {} gescheitert: {}</translation>
    </message>
    <message>
        <source>{}, after {} s</source>
        <translation>{}, nach {} s</translation>
    </message>
    <message>
        <source>{}, HTTP {}</source>
        <translation>{}, HTTP {}</translation>
    </message>
    <message>
        <source>{} (warm-up)</source>
        <translation>{} (Aufwärmen)</translation>
    </message>
    <message>
        <source>{} more requests failed: {}</source>
        <translation>{} weitere Anfragen gescheitert: {}</translation>
    </message>
    <message>
        <source>first request sent</source>
        <translation>erste Anfrage gesendet</translation>
    </message>
    <message>
        <source>{} warm-up requests answered</source>
        <translation>{} Anfragen zum Aufwärmen beantwortet</translation>
    </message>
    <message>
        <source>first token received</source>
        <translation>erstes Token empfangen</translation>
    </message>
    <message>
        <source>said: {}</source>
        <translation>gesagt wurde: {}</translation>
    </message>
    <message>
        <source>the client's loop did not look at its sockets for {} ms at most</source>
        <translation>die Schleife des Lastgenerators sah höchstens {} ms lang nicht nach ihren Verbindungen</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>abgewiesen</translation>
    </message>
    <message>
        <source>dns</source>
        <translation>DNS</translation>
    </message>
    <message>
        <source>tls</source>
        <translation>TLS</translation>
    </message>
    <message>
        <source>timeout</source>
        <translation>Zeit abgelaufen</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>Verbindung geschlossen</translation>
    </message>
    <message>
        <source>http_status</source>
        <translation>HTTP-Status</translation>
    </message>
    <message>
        <source>http status</source>
        <translation>HTTP-Status</translation>
    </message>
    <message>
        <source>malformed</source>
        <translation>fehlerhafte Antwort</translation>
    </message>
    <message>
        <source>engine</source>
        <translation>Engine</translation>
    </message>
    <message>
        <source>truncated</source>
        <translation>abgeschnitten</translation>
    </message>
    <message>
        <source>too_large</source>
        <translation>zu groß</translation>
    </message>
    <message>
        <source>too large</source>
        <translation>zu groß</translation>
    </message>
    <message>
        <source>wrong_usage</source>
        <translation>falsche Angabe der Token</translation>
    </message>
    <message>
        <source>wrong usage</source>
        <translation>falsche Angabe der Token</translation>
    </message>
    <message>
        <source>out_of_order</source>
        <translation>nicht in der Reihenfolge</translation>
    </message>
    <message>
        <source>out of order</source>
        <translation>nicht in der Reihenfolge</translation>
    </message>
    <message>
        <source>rate_limited</source>
        <translation>Rate begrenzt</translation>
    </message>
    <message>
        <source>rate limited</source>
        <translation>Rate begrenzt</translation>
    </message>
    <message>
        <source>server_error</source>
        <translation>Fehler des Servers</translation>
    </message>
    <message>
        <source>server error</source>
        <translation>Fehler des Servers</translation>
    </message>
    <!-- Percentiles: core/statistics/statistics.cpp, core/metrics/figures.cpp, core/exchange -->
    <message>
        <source>p{} needs {} sample{}, there {} {}</source>
        <translation>p{0} braucht {1} Werte, vorhanden: {4}</translation>
    </message>
    <message>
        <source>{} of {} requests failed: the p99 of TPOT is infinite</source>
        <translation>{} von {} Anfragen scheiterten: das p99 der TPOT ist unendlich</translation>
    </message>
    <message>
        <source>the tokens came all at once</source>
        <translation>die Token kamen alle auf einmal</translation>
    </message>
    <message>
        <source>GuideLLM keeps one inter-token latency a request: it is the TPOT here</source>
        <translation>GuideLLM behält eine Latenz zwischen Token je Anfrage: sie ist hier die TPOT</translation>
    </message>
    <message>
        <source>LoadGen has no inter-token latencies</source>
        <translation>LoadGen hat keine Latenzen zwischen Token</translation>
    </message>
    <message>
        <source>the file does not have it</source>
        <translation>die Datei hat es nicht</translation>
    </message>
    <message>
        <source>the number of accelerators is unknown: give it with --set gpus=N</source>
        <translation>die Zahl der Beschleuniger ist unbekannt: mit --set gpus=N angeben</translation>
    </message>
    <message>
        <source>mixed</source>
        <translation>gemischt</translation>
    </message>
    <message>
        <source>usage</source>
        <translation>Angabe des Servers</translation>
    </message>
    <message>
        <source>tokenizer</source>
        <translation>Tokenizer</translation>
    </message>
    <!-- Self-check: core/metrics/figures.cpp -->
    <message>
        <source>nothing was sent, so the client cannot be judged</source>
        <translation>es wurde nichts gesendet, darum lässt sich der Lastgenerator nicht beurteilen</translation>
    </message>
    <message>
        <source>the client was a limit: {}</source>
        <translation>der Lastgenerator war eine Grenze: {}</translation>
    </message>
    <message>
        <source>the client was not the limit: {}, looked away from its sockets for at most {} ms and sent {} ms late ({})</source>
        <translation>der Lastgenerator war nicht die Grenze: {}, sah höchstens {} ms lang nicht nach seinen Verbindungen und sendete {} ms zu spät ({})</translation>
    </message>
    <message>
        <source>it used {} % of a core</source>
        <translation>er brauchte {} % eines Kerns</translation>
    </message>
    <message>
        <source>its {} threads used {} % of a core each</source>
        <translation>seine {} Threads brauchten je {} % eines Kerns</translation>
    </message>
    <message>
        <source>it did not look at its sockets for {} ms</source>
        <translation>er sah {} ms lang nicht nach seinen Verbindungen</translation>
    </message>
    <message>
        <source>it sent {} ms late ({})</source>
        <translation>er sendete {} ms zu spät ({})</translation>
    </message>
    <message>
        <source>at most</source>
        <translation>höchstens</translation>
    </message>
    <!-- Power: core/metrics/power.cpp, core/telemetry -->
    <message>
        <source>nothing that computes here was metered</source>
        <translation>nichts von dem, was hier rechnet, wurde gemessen</translation>
    </message>
    <message>
        <source>{} accelerators were metered and the run used {}: name them with power.devices</source>
        <translation>{} Beschleuniger wurden gemessen, und der Lauf benutzte {}: mit power.devices benennen</translation>
    </message>
    <message>
        <source>{} {}: the board is split, and its counters are of more than what the run used</source>
        <translation>{} {}: die Karte ist aufgeteilt, und ihre Zähler erfassen mehr, als der Lauf benutzte</translation>
    </message>
    <message>
        <source>the run took {} s; this board looks at its power a part of the time only, {} s are the least</source>
        <translation>der Lauf dauerte {} s; diese Karte sieht nur einen Teil der Zeit nach ihrer Leistung, {} s sind das Mindeste</translation>
    </message>
    <message>
        <source>accelerator</source>
        <translation>Beschleuniger</translation>
    </message>
    <message>
        <source>{}; the trapezoid gives {} J</source>
        <translation>{}; die Trapezregel gibt {} J</translation>
    </message>
    <message>
        <source>; the devices' own report, no wall power, no MLPerf number</source>
        <translation>; eigene Angabe der Geräte, keine Leistung an der Steckdose, keine MLPerf-Zahl</translation>
    </message>
    <message>
        <source>{} of {} {}{} ({}), read every {} s{}</source>
        <translation>{0}, {1} {3} ({4}), alle {5} s gelesen{6}</translation>
    </message>
    <message>
        <source>trapezoid of the power</source>
        <translation>Trapezregel über die Leistung</translation>
    </message>
    <message>
        <source>energy counters</source>
        <translation>Energiezähler</translation>
    </message>
    <message>
        <source>CPU package</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>CPU packages</source>
        <translation>Prozessoren</translation>
    </message>
    <message>
        <source>machine</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>machines</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>the energy counter says {} J, the trapezoid of the power {} J: {} apart</source>
        <translation>der Energiezähler sagt {} J, die Trapezregel über die Leistung {} J: {} auseinander</translation>
    </message>
    <message>
        <source>its energy counter went back from {} to {} J at {} s</source>
        <translation>sein Energiezähler ging bei {2} s von {0} auf {1} J zurück</translation>
    </message>
    <message>
        <source>its energy counter stands still at {} J</source>
        <translation>sein Energiezähler steht bei {} J still</translation>
    </message>
    <message>
        <source>the file marks its power as not valid</source>
        <translation>die Datei kennzeichnet ihre Leistung als ungültig</translation>
    </message>
    <message>
        <source>the GPU metrics do not fit: {}</source>
        <translation>die GPU-Messwerte passen nicht: {}</translation>
    </message>
    <message>
        <source>another source meters the same devices</source>
        <translation>eine andere Quelle misst dieselben Geräte</translation>
    </message>
    <message>
        <source>no meter knows a device of this id</source>
        <translation>kein Messgerät kennt ein Gerät dieses Namens</translation>
    </message>
    <!-- MLPerf: core/load/api.cpp -->
    <message>
        <source>the API '{}' takes no fixed latent, as MLPerf demands</source>
        <translation>die API „{}“ nimmt kein festes Latent, wie MLPerf es verlangt</translation>
    </message>
    <message>
        <source>no fixed latent was asked for (latent_path in extra), as MLPerf demands</source>
        <translation>es wurde kein festes Latent verlangt (latent_path in extra), wie MLPerf es verlangt</translation>
    </message>
    <!-- Forecasts: core/sweep/forecast.cpp -->
    <message>
        <source>as measured before</source>
        <translation>wie früher gemessen</translation>
    </message>
    <message>
        <source>as their schedules say</source>
        <translation>laut ihren Zeitplänen</translation>
    </message>
    <message>
        <source>from similar runs of the same target</source>
        <translation>nach ähnlichen Läufen desselben Ziels</translation>
    </message>
    <message>
        <source>from the model's size and the device's measured ceilings</source>
        <translation>nach der Größe des Modells und den gemessenen Höchstwerten des Geräts</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <!-- Sweeps: core/sweep/runner.cpp, quick_sweep.cpp, core/node/point_runner.cpp, serve_agent.cpp -->
    <message>
        <source>starting</source>
        <translation>startet</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>pausiert</translation>
    </message>
    <message>
        <source>measuring</source>
        <translation>misst</translation>
    </message>
    <message>
        <source>loading the model</source>
        <translation>lädt das Modell</translation>
    </message>
    <message>
        <source>loading the tokenizer</source>
        <translation>lädt den Tokenizer</translation>
    </message>
    <message>
        <source>starting the agent</source>
        <translation>startet den Agenten</translation>
    </message>
    <message>
        <source>evaluating {}: {} of {}</source>
        <translation>bewertet {}: {} von {}</translation>
    </message>
    <message>
        <source>trying how fast this machine is</source>
        <translation>probiert, wie schnell dieser Rechner ist</translation>
    </message>
    <message>
        <source>the trial run completed no request</source>
        <translation>der Probelauf schloss keine Anfrage ab</translation>
    </message>
    <message>
        <source>{}, repeat {} of {}</source>
        <translation>{}, Wiederholung {} von {}</translation>
    </message>
    <message>
        <source>no request was measured</source>
        <translation>es wurde keine Anfrage gemessen</translation>
    </message>
    <message>
        <source>{} of {} requests failed ({}); stop.failed_share allows {}</source>
        <translation>{} von {} Anfragen scheiterten ({}); stop.failed_share erlaubt {}</translation>
    </message>
    <message>
        <source>{}: {} of {} requests failed ({}); stop.failed_share allows {}</source>
        <translation>{}: {} von {} Anfragen scheiterten ({}); stop.failed_share erlaubt {}</translation>
    </message>
    <message>
        <source>only {} of {} requests completed (failed: {}){}; stop.failed_share = {} does not allow that</source>
        <translation>nur {} von {} Anfragen abgeschlossen (gescheitert: {}){}; stop.failed_share = {} erlaubt das nicht</translation>
    </message>
    <message>
        <source>{}: cancelled; go on with --resume</source>
        <translation>{}: abgebrochen; mit --resume geht es weiter</translation>
    </message>
    <message>
        <source>{}: the store has no earlier run of these points whose failed ones could be measured again</source>
        <translation>{}: im Speicher ist kein früherer Lauf dieser Punkte, dessen gescheiterte neu gemessen werden könnten</translation>
    </message>
    <message>
        <source>{}: another program measures this sweep now (run {}); wait for it or stop it</source>
        <translation>{}: ein anderes Programm misst diese Messreihe gerade (Lauf {}); darauf warten oder es beenden</translation>
    </message>
    <message>
        <source>quality task {} of {}: {}</source>
        <translation>Qualitätsaufgabe {} von {}: {}</translation>
    </message>
    <message>
        <source>given up when the sweep was paused; it is measured again</source>
        <translation>aufgegeben, als die Messreihe pausiert wurde; er wird neu gemessen</translation>
    </message>
    <message>
        <source>{}; what is finished is stored, go on with --resume</source>
        <translation>{}; was fertig ist, ist gespeichert, mit --resume geht es weiter</translation>
    </message>
    <message>
        <source>cancelled while the model was loading</source>
        <translation>abgebrochen, während das Modell geladen wurde</translation>
    </message>
    <message>
        <source>cancelled before it began</source>
        <translation>abgebrochen, bevor es begann</translation>
    </message>
    <message>
        <source>the measurement was cancelled</source>
        <translation>die Messung wurde abgebrochen</translation>
    </message>
    <message>
        <source>{}: it holds no tokenizer</source>
        <translation>{}: darin ist kein Tokenizer</translation>
    </message>
    <!-- Reproduction: core/sweep/reproduce.cpp -->
    <message>
        <source>what it was read from does not say how its server was started</source>
        <translation>woraus er gelesen wurde, sagt nicht, wie sein Server gestartet wurde</translation>
    </message>
    <message>
        <source>{}; it says: {}</source>
        <translation>{}; dort steht: {}</translation>
    </message>
    <message>
        <source>the server was running already when it was measured, and servers do not tell how they were started</source>
        <translation>der Server lief schon, als gemessen wurde, und Server sagen nicht, wie sie gestartet wurden</translation>
    </message>
    <message>
        <source>it is a published figure: its source does not say how exactly it was measured</source>
        <translation>es ist ein veröffentlichter Wert: seine Quelle sagt nicht, wie genau gemessen wurde</translation>
    </message>
    <message>
        <source>another tool measured it: its file says neither where the server is to be found nor all of its load</source>
        <translation>ein anderes Werkzeug hat gemessen: seine Datei sagt weder, wo der Server zu finden ist, noch alles über seine Last</translation>
    </message>
    <message>
        <source>a sweep file cannot say it: {}</source>
        <translation>eine Messreihendatei kann es nicht sagen: {}</translation>
    </message>
    <message>
        <source>a sweep file cannot say {} exactly</source>
        <translation>eine Messreihendatei kann {} nicht genau sagen</translation>
    </message>
    <message>
        <source>its configuration</source>
        <translation>seine Konfiguration</translation>
    </message>
    <message>
        <source>its repeats</source>
        <translation>seine Wiederholungen</translation>
    </message>
    <message>
        <source>its node</source>
        <translation>seinen Knoten</translation>
    </message>
    <message>
        <source>its tasks of quality</source>
        <translation>seine Qualitätsaufgaben</translation>
    </message>
    <message>
        <source>its task of quality '{}'</source>
        <translation>seine Qualitätsaufgabe „{}“</translation>
    </message>
    <!-- Built-in sweeps: resources/sweeps -->
    <message>
        <source>Quick measurement</source>
        <translation>Schnelle Messung</translation>
    </message>
    <message>
        <source>Chat, 1k in and 1k out</source>
        <translation>Chat, 1k ein und 1k aus</translation>
    </message>
    <message>
        <source>Reasoning, 1k in and 8k out</source>
        <translation>Nachdenken, 1k ein und 8k aus</translation>
    </message>
    <message>
        <source>Summarisation, 8k in and 1k out</source>
        <translation>Zusammenfassen, 8k ein und 1k aus</translation>
    </message>
    <message>
        <source>A running server</source>
        <translation>Ein laufender Server</translation>
    </message>
    <message>
        <source>Request rates of a running server</source>
        <translation>Anfrageraten eines laufenden Servers</translation>
    </message>
    <message>
        <source>Burstiness at one rate</source>
        <translation>Stoßweise Anfragen bei einer Rate</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Gespräche</translation>
    </message>
    <message>
        <source>Shared prefixes</source>
        <translation>Gemeinsame Anfänge</translation>
    </message>
    <message>
        <source>Quick measurement of this machine</source>
        <translation>Schnelle Messung dieses Rechners</translation>
    </message>
    <message>
        <source>Lengths as in InferenceX; copy this file and change the model.</source>
        <translation>Längen wie bei InferenceX; die Datei kopieren und das Modell ändern.</translation>
    </message>
    <message>
        <source>About a minute on a slow machine: the smallest shape of this program that is no toy.</source>
        <translation>Etwa eine Minute auf einem langsamen Rechner: die kleinste Form dieses Programms, die kein Spielzeug ist.</translation>
    </message>
    <message>
        <source>A server that is already running; copy this file and change url, model, gpus and hardware.</source>
        <translation>Ein Server, der schon läuft; die Datei kopieren und url, model, gpus und hardware ändern.</translation>
    </message>
    <message>
        <source>Requests that come whether the server keeps up or not: up to which rate does it hold its limits? Copy this file and change url, model, gpus, hardware and the rates.</source>
        <translation>Anfragen, die kommen, ob der Server mithält oder nicht: bis zu welcher Rate hält er seine Grenzen? Die Datei kopieren und url, model, gpus, hardware und die Raten ändern.</translation>
    </message>
    <message>
        <source>The same rate, ever less even: from a clock's beat (burstiness 100) over chance (1) to bursts (0.1).</source>
        <translation>Dieselbe Rate, immer weniger gleichmäßig: vom Takt einer Uhr (burstiness 100) über den Zufall (1) bis zu Stößen (0.1).</translation>
    </message>
    <message>
        <source>Conversations of six turns, each sent with all that was said before, and people who read and think in between. The tokenizer (a GGUF file, or a folder with tokenizer.json) makes the texts.</source>
        <translation>Gespräche mit sechs Beiträgen, jeder mit allem gesendet, was davor gesagt wurde, und Menschen, die dazwischen lesen und denken. Der Tokenizer (eine GGUF-Datei oder ein Ordner mit tokenizer.json) macht die Texte.</translation>
    </message>
    <message>
        <source>What a prefix cache brings: the same 1,280 tokens of input, of which more and more are shared in groups, few of them popular.</source>
        <translation>Was ein Prefix-Cache bringt: dieselben 1.280 Eingabe-Token, von denen immer mehr in Gruppen geteilt sind, wenige davon beliebt.</translation>
    </message>
    <!-- Nodes: core/node/node_check.cpp, ssh.cpp, agent_connection.cpp -->
    <message>
        <source>there is no ssh on this machine; install openssh-client</source>
        <translation>auf diesem Rechner gibt es kein ssh; bitte openssh-client installieren</translation>
    </message>
    <message>
        <source>ssh does not take this host and these options: {}</source>
        <translation>ssh nimmt diesen Rechner mit diesen Optionen nicht an: {}</translation>
    </message>
    <message>
        <source>{} is reached through another host, which resolves the name</source>
        <translation>{} wird über einen anderen Rechner erreicht, der den Namen auflöst</translation>
    </message>
    <message>
        <source>reached through another host</source>
        <translation>über einen anderen Rechner erreicht</translation>
    </message>
    <message>
        <source>what listens on port {} is no SSH server{}</source>
        <translation>was auf Port {} lauscht, ist kein SSH-Server{}</translation>
    </message>
    <message>
        <source>the name {} cannot be looked up: {}</source>
        <translation>der Name {} lässt sich nicht nachschlagen: {}</translation>
    </message>
    <message>
        <source>the host name '{}' is not known here; is it spelt right, and is the network up?</source>
        <translation>der Rechnername „{}“ ist hier nicht bekannt; ist er richtig geschrieben, und ist das Netz da?</translation>
    </message>
    <message>
        <source>{} is {}</source>
        <translation>{} ist {}</translation>
    </message>
    <message>
        <source>{} port {}: {}; is the SSH server running there, on this port, and does a firewall let it through?</source>
        <translation>{} Port {}: {}; läuft dort ein SSH-Server auf diesem Port, und lässt eine Firewall ihn durch?</translation>
    </message>
    <message>
        <source>port {}: {}</source>
        <translation>Port {}: {}</translation>
    </message>
    <message>
        <source>known</source>
        <translation>bekannt</translation>
    </message>
    <message>
        <source>without a password</source>
        <translation>ohne Passwort</translation>
    </message>
    <message>
        <source>as {}, without a password</source>
        <translation>als {}, ohne Passwort</translation>
    </message>
    <message>
        <source>{} (ssh said: {})</source>
        <translation>{} (ssh sagte: {})</translation>
    </message>
    <message>
        <source>{} (it said: {})</source>
        <translation>{} (es sagte: {})</translation>
    </message>
    <message>
        <source>{} --version ended with {}: {}</source>
        <translation>{} --version endete mit {}: {}</translation>
    </message>
    <message>
        <source>'{}' there is another program: it says '{}'</source>
        <translation>„{}“ ist dort ein anderes Programm: es sagt „{}“</translation>
    </message>
    <message>
        <source>{}; here is {}</source>
        <translation>{}; hier ist {}</translation>
    </message>
    <message>
        <source>answers, protocol {}</source>
        <translation>antwortet, Protokoll {}</translation>
    </message>
    <message>
        <source>its answer cannot be read</source>
        <translation>seine Antwort ist nicht lesbar</translation>
    </message>
    <message>
        <source>the devices are not known: {}</source>
        <translation>die Geräte sind nicht bekannt: {}</translation>
    </message>
    <message>
        <source>none that can be used</source>
        <translation>keine, die benutzt werden können</translation>
    </message>
    <message>
        <source>what runs there is not known: {}</source>
        <translation>was dort läuft, ist nicht bekannt: {}</translation>
    </message>
    <message>
        <source>nothing of Tokenmark</source>
        <translation>nichts von Tokenmark</translation>
    </message>
    <message>
        <source>{} program{} of Tokenmark: measuring there now would disturb both</source>
        <translation>Programme von Tokenmark dort: {0}; jetzt zu messen würde beide stören</translation>
    </message>
    <message>
        <source>the host key has changed; find out why before trusting it again (ssh-keygen -R)</source>
        <translation>der Host-Schlüssel hat sich geändert; erst klären, warum, bevor ihm wieder vertraut wird (ssh-keygen -R)</translation>
    </message>
    <message>
        <source>the host key is not known; connect once with `ssh {}` and check it</source>
        <translation>der Host-Schlüssel ist nicht bekannt; einmal mit `ssh {}` verbinden und ihn prüfen</translation>
    </message>
    <message>
        <source>the login was refused; a key that needs no password must be set up for it (ssh-copy-id, ssh-agent)</source>
        <translation>die Anmeldung wurde abgelehnt; dafür muss ein Schlüssel ohne Passwort eingerichtet sein (ssh-copy-id, ssh-agent)</translation>
    </message>
    <message>
        <source>the host name is not known</source>
        <translation>der Rechnername ist nicht bekannt</translation>
    </message>
    <message>
        <source>no SSH server answers there</source>
        <translation>dort antwortet kein SSH-Server</translation>
    </message>
    <message>
        <source>the host cannot be reached</source>
        <translation>der Rechner ist nicht erreichbar</translation>
    </message>
    <message>
        <source>there is no program '{}'; copy tokenmark-cli there and name its path in node.agent</source>
        <translation>es gibt kein Programm „{}“; tokenmark-cli dorthin kopieren und seinen Pfad in node.agent angeben</translation>
    </message>
    <message>
        <source>the program '{}' cannot be run there</source>
        <translation>das Programm „{}“ lässt sich dort nicht ausführen</translation>
    </message>
    <message>
        <source>the connection was lost</source>
        <translation>die Verbindung ging verloren</translation>
    </message>
    <message>
        <source>the agent on this machine</source>
        <translation>der Agent auf diesem Rechner</translation>
    </message>
    <message>
        <source>the agent on {}: {}</source>
        <translation>der Agent auf {}: {}</translation>
    </message>
    <message>
        <source> (it said: {})</source>
        <translation> (es sagte: {})</translation>
    </message>
    <message>
        <source>no answer within {} s{}</source>
        <translation>keine Antwort innerhalb von {} s{}</translation>
    </message>
    <message>
        <source>the agent ended (exit status {})</source>
        <translation>der Agent endete (Status {})</translation>
    </message>
    <message>
        <source>it did not end within {} s</source>
        <translation>es endete nicht innerhalb von {} s</translation>
    </message>
    <message>
        <source>the connection is lost</source>
        <translation>die Verbindung ist verloren</translation>
    </message>
    <message>
        <source>it has said nothing for too long and was ended</source>
        <translation>er hat zu lange nichts gesagt und wurde beendet</translation>
    </message>
    <message>
        <source>it was killed by signal {} ({})</source>
        <translation>er wurde durch Signal {} beendet ({})</translation>
    </message>
    <message>
        <source>it ended (exit status {})</source>
        <translation>er endete (Status {})</translation>
    </message>
    <message>
        <source>it speaks protocol {} (version '{}'), this program {} (version {}); install the same version on both</source>
        <translation>er spricht Protokoll {} (Version „{}“), dieses Programm {} (Version {}); auf beiden dieselbe Version installieren</translation>
    </message>
    <!-- Servers: core/load -->
    <message>
        <source>'{}' is not the address of a server</source>
        <translation>„{}“ ist keine Adresse eines Servers</translation>
    </message>
    <message>
        <source>'{}' is not the address of a server: it must look like http://127.0.0.1:8000</source>
        <translation>„{}“ ist keine Adresse eines Servers: sie muss aussehen wie http://127.0.0.1:8000</translation>
    </message>
    <message>
        <source>'{}' must not have a query or a fragment</source>
        <translation>„{}“ darf keine Abfrage und kein Fragment haben</translation>
    </message>
    <message>
        <source>the API key holds a line break</source>
        <translation>der API-Schlüssel enthält einen Zeilenumbruch</translation>
    </message>
    <!-- Reports: core/report/report.cpp, report_outline.cpp -->
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
        <source>throughput per accelerator and interactivity</source>
        <translation>Durchsatz je Beschleuniger und Interaktivität</translation>
    </message>
    <message>
        <source>throughput per accelerator and latencies</source>
        <translation>Durchsatz je Beschleuniger und Latenzen</translation>
    </message>
    <message>
        <source>hardware that the price set has a price for</source>
        <translation>Hardware, für die in der Preisliste ein Preis steht</translation>
    </message>
    <message>
        <source>hardware that the price set has a power for</source>
        <translation>Hardware, für die in der Preisliste eine Leistung steht</translation>
    </message>
    <message>
        <source>a concurrency and a throughput</source>
        <translation>eine Gleichzeitigkeit und einen Durchsatz</translation>
    </message>
    <message>
        <source>tasks of quality beside the speed</source>
        <translation>Qualitätsaufgaben neben der Geschwindigkeit</translation>
    </message>
    <message>
        <source>event logs</source>
        <translation>Ereignisprotokolle</translation>
    </message>
    <message>
        <source>two states of the software or more</source>
        <translation>zwei Stände der Software oder mehr</translation>
    </message>
    <message>
        <source>needs {}</source>
        <translation>braucht {}</translation>
    </message>
    <message>
        <source>runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>points</source>
        <translation>Punkte</translation>
    </message>
    <message>
        <source>{} point</source>
        <translation>{} Punkt</translation>
    </message>
    <message>
        <source>{} points</source>
        <translation>{} Punkte</translation>
    </message>
    <message>
        <source>{} run</source>
        <translation>{} Lauf</translation>
    </message>
    <message>
        <source>{} runs</source>
        <translation>{} Läufe</translation>
    </message>
    <message>
        <source>point</source>
        <translation>Punkt</translation>
    </message>
    <message>
        <source>{} series, {}</source>
        <translation>Reihen: {}, {}</translation>
    </message>
    <message>
        <source>of up to {}, where they have event logs</source>
        <translation>von bis zu {}, wo sie Ereignisprotokolle haben</translation>
    </message>
    <message>
        <source>of {} days, where versions differ</source>
        <translation>von {} Tagen, wo Versionen sich unterscheiden</translation>
    </message>
    <message>
        <source>none: there is one series at most</source>
        <translation>keiner: es gibt höchstens eine Reihe</translation>
    </message>
    <message>
        <source>none: the series share no range; choose a value</source>
        <translation>keiner: die Reihen haben keinen gemeinsamen Bereich; einen Wert wählen</translation>
    </message>
    <message>
        <source>{} series at {} {}</source>
        <translation>Reihen: {} bei {} {}</translation>
    </message>
    <!-- Kept items -->
    <message>
        <source>token</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>request</source>
        <translation>Anfrage</translation>
    </message>
</context>
</TS>
