"""Answers as mail programs write them, in the languages that customers use: what is below is old."""

from typing import Final

NEW: Final = "Thanks, it arrived.\n\nBest regards\nMara"

OLD_TEXTS: Final[dict[str, str]] = {
    "zoho en": "---- On Mon, 02 Mar 2026 09:41:00 +0100 Ana Ruiz <ana@acme.example> wrote ----\n\nHello Mara",
    "zoho fr": "---- Le lun., 02 mars 2026 09:41:00 +0100 Ana Ruiz <ana@acme.example> a écrit ----\n\nBonjour",
    "zoho short": "---- On Mon, 02 Mar 2026 09:41:00 +0100 Ana Ruiz wrote ---\n\n> Hello",
    "proton old": "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Monday, March 2, 2026 9:41 AM, Ana Ruiz <ana@acme.example> wrote:\n\n> Hello",
    "proton": "Sent with Proton Mail secure email.\n\nOn Monday, March 2nd, 2026 at 9:41 AM, Ana Ruiz <ana@acme.example> wrote:\n\n> Hello",
    "proton2": "Sent with [Proton Mail](https://proton.me/) secure email.\n\n------- Original Message -------\nOn Monday, March 2nd, 2026 at 9:41 AM, Ana Ruiz <ana@acme.example> wrote:\n\n> Hello",
    "apple quoted": "> On 2 Mar 2026, at 09:41, Ana Ruiz <ana@acme.example> wrote:\n> \n> Hello",
    "ios": "Sent from my iPhone\n\n> On Mar 2, 2026, at 9:41 AM, Ana Ruiz <ana@acme.example> wrote:\n> \n> Hello",
    "ios nnbsp": "Sent from my iPhone\n\nOn Mar 2, 2026, at 9:41\u202fAM, Ana Ruiz <ana@acme.example> wrote:\n\nHello",
    "outlook mac": "From: Ana Ruiz <ana@acme.example>\nDate: Monday, March 2, 2026 at 9:41 AM\nTo: Mara <mara@example.com>\nSubject: Re: Order\n\nHello",
    "outlook mac old": 'On 3/2/26, 9:41 AM, "Ana Ruiz" <ana@acme.example> wrote:\n\n    Hello',
    "yahoo old": "--- On Mon, 3/2/26, Ana Ruiz <ana@acme.example> wrote:\n\nFrom: Ana\nSubject: x\nTo: m\nDate: d\n\nHello",
    "yahoo": "On Monday, March 2, 2026 at 09:41:00 AM GMT+1, Ana Ruiz <ana@acme.example> wrote:  \n \n Hello",
    "yahoo android": "Sent from Yahoo Mail on Android \n \n  On Mon, Mar 2, 2026 at 9:41, Ana Ruiz<ana@acme.example> wrote:   Hello Mara,\nhow are you?",
    "yahoo hdr": "________________________________\n From: Ana Ruiz <ana@acme.example>\nTo: Mara <mara@example.com> \nSent: Monday, March 2, 2026 9:41 AM\nSubject: Re: Order\n \nHello",
    "samsung": "-------- Original message --------\nFrom: Ana Ruiz <ana@acme.example> \nDate: 3/2/26  9:41 AM  (GMT+01:00) \nTo: mara@example.com \nSubject: Order \n\nHello",
    "samsung sig": "Sent from my Galaxy\n\n\n-------- Original message --------\nFrom: Ana\nDate: 3",
    "samsung de": "Von meinem/meiner Galaxy gesendet\n\n\n-------- Ursprüngliche Nachricht --------\nVon: Ana\nDatum: 3",
    "samsung att": "Sent via the Samsung Galaxy S10, an AT&T 5G smartphone\n-------- Original message --------\nFrom: Ana",
    "tmobile": "Sent from my T-Mobile 4G LTE Device\n\n-------- Original message --------\nFrom: Ana",
    "blackberry": "Sent from my BlackBerry® wireless device\n\n-----Original Message-----\nFrom: Ana",
    "k9": "-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.\n\nOn March 2, 2026 9:41:00 AM GMT+01:00, Ana <ana@acme.example> wrote:\n>Hello",
    "k9 b": "On March 2, 2026 9:41:00 AM GMT+01:00, Ana <ana@acme.example> wrote:\n>Hello\n\n-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.",
    "gmx": 'Gesendet: Montag, 02. März 2026 um 09:41 Uhr\nVon: "Ana Ruiz" <ana@acme.example>\nAn: mara@example.com\nBetreff: Re: Bestellung\n\nHallo',
    "notes": "Ana Ruiz/Acme wrote on 03/02/2026 09:41:00 AM:\n\n> From: Ana\n> Hello",
    "notes hdr": "From:\tAna Ruiz/Acme\nTo:\tMara\nDate:\t03/02/2026 09:41 AM\nSubject:\tOrder\n\nHello",
    "notes de": "Von:\tAna Ruiz/Acme\nAn:\tMara\nDatum:\t02.03.2026 09:41\nBetreff:\tOrder\n\nHello",
    "mailru": "Понедельник, 2 марта 2026, 9:41 +03:00 от Ana Ruiz <ana@acme.example>:\n\nHello",
    "mailru2": ">Понедельник,  2 марта 2026, 9:41 +03:00 от Ana Ruiz <ana@acme.example>:\n> \n>Hello",
    "yandex": '02.03.2026, 09:41, "Ana Ruiz" <ana@acme.example>:\n\nHello',
    "qq": '------------------ 原始邮件 ------------------\n发件人: "Ana" <ana@acme.example>;\n发送时间: 2026年3月2日(星期一) 上午9:41\n收件人: "mara"\n主题: order\n\nhello',
    "qq en": '------------------ Original ------------------\nFrom:  "Ana";<ana@acme.example>;\nDate:  Mon, Mar 2, 2026 09:41 AM\nTo:  "mara"\nSubject:  order\n\nhello',
    "163": 'At 2026-03-02 09:41:00, "Ana Ruiz" <ana@acme.example> wrote:\n\n>Hello',
    "163 cn": '在 2026-03-02 09:41:00，"Ana" <ana@acme.example> 写道：\n\nHello',
    "em client": '------ Original Message ------\nFrom "Ana Ruiz" <ana@acme.example>\nTo mara@example.com\nDate 02/03/2026 09:41:00\nSubject Re: Order\n\nHello',
    "spark": "On Mar 2, 2026, 9:41 AM +0100, Ana Ruiz <ana@acme.example>, wrote:\n> Hello",
    "hey": "On March 2, 2026, Ana Ruiz <ana@acme.example> wrote:\n\nHello",
    "evolution": "On Mon, 2026-03-02 at 09:41 +0100, Ana Ruiz wrote:\n> Hello",
    "kmail": "Am Montag, 2. März 2026, 09:41:00 CET schrieb Ana Ruiz:\n> Hallo",
    "mutt": "On Mon, Mar 02, 2026 at 09:41:00AM +0100, Ana Ruiz wrote:\n> Hello",
    "gnus": "Ana Ruiz <ana@acme.example> writes:\n\n> Hello",
    "zimbra fr": '----- Mail original -----\nDe: "Ana" <ana@acme.example>\nÀ: mara@example.com\nEnvoyé: Lundi 2 Mars 2026 09:41:00\nObjet: commande\n\nBonjour',
    "zimbra fr2": 'De: "Ana" <ana@acme.example>\nÀ: mara@example.com\nEnvoyé: Lundi 2 Mars 2026 09:41:00\nObjet: commande\n\nBonjour',
    "outlook fr": "De : Ana Ruiz <ana@acme.example>\nEnvoyé : lundi 2 mars 2026 09:41\nÀ : Mara <mara@example.com>\nObjet : RE: commande\n\nBonjour",
    "thunderbird fr": "Le 02/03/2026 à 09:41, Ana Ruiz a écrit :\n> Bonjour",
    "apple fr": "Le 2 mars 2026 à 09:41, Ana Ruiz <ana@acme.example> a écrit :\n\nBonjour",
    "apple fr2": "> Le 2 mars 2026 à 09:41, Ana Ruiz <ana@acme.example> a écrit :\n> \n> Bonjour",
    "orange": '> Message du 02/03/26 09:41\n> De : "Ana" <ana@acme.example>\n> A : mara\n> Objet : x\n>\n> Bonjour',
    "orange2": 'Envoyé: lundi 2 mars 2026 à 09:41\nDe: "Ana" <ana@acme.example>\nÀ: mara\nObjet: x\n\nBonjour',
    "libero": "Il 2 marzo 2026 alle 9.41 Ana Ruiz <ana@acme.example> ha scritto:\n\nCiao",
    "apple it": "> Il giorno 2 mar 2026, alle ore 09:41, Ana Ruiz <ana@acme.example> ha scritto:\n> \n> Ciao",
    "tb it": "Il 02/03/2026 09:41, Ana Ruiz ha scritto:\n> Ciao",
    "ol it": "Da: Ana Ruiz <ana@acme.example>\nInviato: lunedì 2 marzo 2026 09:41\nA: Mara <mara@example.com>\nOggetto: R: ordine\n\nCiao",
    "tb es": "El 2/3/26 a las 9:41, Ana Ruiz escribió:\n> Hola",
    "apple es": "El 2 mar 2026, a las 9:41, Ana Ruiz <ana@acme.example> escribió:\n\nHola",
    "ol es": "De: Ana Ruiz <ana@acme.example>\nEnviado: lunes, 2 de marzo de 2026 9:41\nPara: Mara <mara@example.com>\nAsunto: RE: pedido\n\nHola",
    "ol es bold": "*De:* Ana Ruiz <ana@acme.example>\n*Enviado el:* lunes, 2 de marzo de 2026 9:41\n*Para:* Mara\n*CC:* Bob\n*Asunto:* RE: pedido\n\nHola",
    "gm es": "El lun, 2 mar 2026 a las 9:41, Ana Ruiz (<ana@acme.example>) escribió:\n\n> Hola",
    "tb pt": "Em 02/03/2026 09:41, Ana Ruiz escreveu:\n> Olá",
    "apple pt": "No dia 02/03/2026, às 09:41, Ana Ruiz <ana@acme.example> escreveu:\n\nOlá",
    "apple ptbr": "Em 2 de mar. de 2026, à(s) 09:41, Ana Ruiz <ana@acme.example> escreveu:\n\nOlá",
    "ol pt": "De: Ana Ruiz <ana@acme.example>\nEnviada: 2 de março de 2026 09:41\nPara: Mara\nAssunto: pedido\n\nOlá",
    "ol ptbr": "De: Ana Ruiz <ana@acme.example>\nEnviado: segunda-feira, 2 de março de 2026 09:41\nPara: Mara\nAssunto: pedido\n\nOlá",
    "tb nl": "Op 02-03-2026 om 09:41 schreef Ana Ruiz:\n> Hallo",
    "apple nl": "Op 2 mrt 2026 om 09:41 heeft Ana Ruiz <ana@acme.example> het volgende geschreven:\n\nHallo",
    "ol nl": "Van: Ana Ruiz <ana@acme.example>\nVerzonden: maandag 2 maart 2026 09:41\nAan: Mara\nOnderwerp: RE: order\n\nHallo",
    "ol nl2": "Van: Ana Ruiz <ana@acme.example> \nDatum: maandag 2 maart 2026 om 09:41\nAan: Mara\nOnderwerp: RE: order\n\nHallo",
    "tb sv": "Den 2026-03-02 kl. 09:41, skrev Ana Ruiz:\n> Hej",
    "apple sv": "2 mars 2026 kl. 09:41 skrev Ana Ruiz <ana@acme.example>:\n\nHej",
    "ol sv": "Från: Ana Ruiz <ana@acme.example>\nSkickat: den 2 mars 2026 09:41\nTill: Mara\nÄmne: SV: order\n\nHej",
    "tb no": "Den 02.03.2026 09:41, skrev Ana Ruiz:\n> Hei",
    "apple no": "2. mars 2026 kl. 09:41 skrev Ana Ruiz <ana@acme.example>:\n\nHei",
    "apple da": "Den 2. mar. 2026 kl. 09.41 skrev Ana Ruiz <ana@acme.example>:\n\nHej",
    "ol da": "Fra: Ana Ruiz <ana@acme.example>\nSendt: 2. marts 2026 09:41\nTil: Mara\nEmne: SV: ordre\n\nHej",
    "tb pl": "W dniu 2.03.2026 o 09:41, Ana Ruiz pisze:\n> Cześć",
    "wp pl": "Dnia 2 marca 2026 09:41 Ana Ruiz <ana@acme.example> napisał(a):\n\nCześć",
    "apple pl": "Wiadomość napisana przez Ana Ruiz <ana@acme.example> w dniu 2 mar 2026, o godz. 09:41:\n\nCześć",
    "ol pl": "Od: Ana Ruiz <ana@acme.example>\nWysłane: poniedziałek, 2 marca 2026 09:41\nDo: Mara\nTemat: Odp: zam\n\nCześć",
    "onet pl": 'Od: "Ana" <ana@acme.example>\nDo: "Mara"\nWysłane: 9:41 Poniedziałek 2026-03-02\nTemat: x\n\nCześć',
    "apple fi": "Ana Ruiz <ana@acme.example> kirjoitti 2.3.2026 kello 9.41:\n\nHei",
    "tb fi": "Ana Ruiz kirjoitti 2.3.2026 klo 9.41:\n> Hei",
    "ol fi": "Lähettäjä: Ana Ruiz <ana@acme.example>\nLähetetty: maanantai 2. maaliskuuta 2026 9.41\nVastaanottaja: Mara\nAihe: VS: tilaus\n\nHei",
    "seznam": "---------- Původní e-mail ----------\nOd: Ana Ruiz <ana@acme.example>\nKomu: mara@example.com\nDatum: 2. 3. 2026 9:41:00\nPředmět: x\n\nDobrý den",
    "tb cs": "Dne 02. 03. 26 v 9:41 Ana Ruiz napsal(a):\n> Dobrý den",
    "ol cs": "From: Ana Ruiz <ana@acme.example>\nSent: pondělí 2. března 2026 9:41\nTo: Mara\nSubject: RE: x\n\nDobrý den",
    "ol cs2": "Od: Ana Ruiz <ana@acme.example>\nOdesláno: pondělí 2. března 2026 9:41\nKomu: Mara\nPředmět: RE: x\n\nDobrý den",
    "gm hu": "Ana Ruiz <ana@acme.example> ezt írta (időpont: 2026. márc. 2., H, 9:41):\n\n> Szia",
    "ol hu": "Feladó: Ana Ruiz <ana@acme.example>\nKüldve: 2026. március 2., hétfő 9:41\nCímzett: Mara\nTárgy: RE: x\n\nSzia",
    "tb hu": "2026. 03. 02. 9:41 keltezéssel, Ana Ruiz írta:\n> Szia",
    "gm ro": "În lun., 2 mar. 2026 la 09:41, Ana Ruiz <ana@acme.example> a scris:\n\n> Salut",
    "ol ro": "De la: Ana Ruiz <ana@acme.example>\nTrimis: luni, 2 martie 2026 09:41\nCătre: Mara\nSubiect: RE: x\n\nSalut",
    "gm ru": "пн, 2 мар. 2026 г. в 09:41, Ana Ruiz <ana@acme.example>:\n\n> Привет",
    "tb ru": "02.03.2026 9:41, Ana Ruiz пишет:\n> Привет",
    "apple ru": "2 марта 2026 г., в 9:41, Ana Ruiz <ana@acme.example> написал(а):\n\nПривет",
    "ol ru": "От: Ana Ruiz <ana@acme.example>\nОтправлено: 2 марта 2026 г. 9:41\nКому: Mara\nТема: Re: заказ\n\nПривет",
    "gm uk": "пн, 2 бер. 2026 р. о 09:41 Ana Ruiz <ana@acme.example> пише:\n\n> Привіт",
    "ol uk": "Від: Ana Ruiz <ana@acme.example>\nНадіслано: 2 березня 2026 р. 9:41\nКому: Mara\nТема: x\n\nПривіт",
    "gm tr": "Ana Ruiz <ana@acme.example>, 2 Mar 2026 Pzt, 09:41 tarihinde şunu yazdı:\n\n> Merhaba",
    "apple tr": "Ana Ruiz <ana@acme.example> şunları yazdı (2 Mar 2026 09:41):\n\n> Merhaba",
    "ol tr": "Kimden: Ana Ruiz <ana@acme.example>\nGönderildi: 2 Mart 2026 Pazartesi 09:41\nKime: Mara\nKonu: Ynt: sipariş\n\nMerhaba",
    "ol tr2": "Gönderen: Ana Ruiz <ana@acme.example>\nGönderme Tarihi: 2 Mart 2026 Pazartesi 09:41\nAlıcı: Mara\nKonu: Ynt: sipariş\n\nMerhaba",
    "gm el": "Στις Δευ 2 Μαρ 2026 στις 9:41, ο/η Ana Ruiz <ana@acme.example> έγραψε:\n\n> Γεια",
    "ol el": "Από: Ana Ruiz <ana@acme.example>\nΣτάλθηκε: Δευτέρα, 2 Μαρτίου 2026 9:41\nΠρος: Mara\nΘέμα: RE: x\n\nΓεια",
    "gm he": "\u202bבתאריך יום ב׳, 2 במרץ 2026 ב-9:41 מאת Ana Ruiz <ana@acme.example>:\n\n> שלום",
    "ol he": "מאת: Ana Ruiz <ana@acme.example>\nנשלח: יום שני 02 מרץ 2026 09:41\nאל: Mara\nנושא: RE: x\n\nשלום",
    "gm ar": "في الاثنين، 2 مارس 2026 في 9:41 ص تمت كتابة ما يلي بواسطة Ana Ruiz <ana@acme.example>:\n\n> مرحبا",
    "ol ar": "من: Ana Ruiz <ana@acme.example>\nتم الإرسال: الاثنين، 2 مارس 2026 9:41\nإلى: Mara\nالموضوع: RE: x\n\nمرحبا",
    "gm ja": "2026年3月2日(月) 9:41 Ana Ruiz <ana@acme.example>:\n\n> こんにちは",
    "apple ja": "2026/03/02 9:41、Ana Ruiz <ana@acme.example>のメール:\n\nこんにちは",
    "ol ja": "差出人: Ana Ruiz <ana@acme.example>\n送信日時: 2026年3月2日 9:41\n宛先: Mara\n件名: RE: x\n\nこんにちは",
    "gm ko": "2026년 3월 2일 (월) 오전 9:41, Ana Ruiz <ana@acme.example>님이 작성:\n\n> 안녕하세요",
    "ol ko": "보낸 사람: Ana Ruiz <ana@acme.example>\n보낸 날짜: 2026년 3월 2일 월요일 오전 9:41\n받는 사람: Mara\n제목: RE: x\n\n안녕하세요",
    "gm zh": "Ana Ruiz <ana@acme.example> 于2026年3月2日周一 09:41写道：\n\n> 你好",
    "gm tw": "Ana Ruiz <ana@acme.example> 於 2026年3月2日 週一 上午9:41寫道：\n\n> 你好",
    "ol tw": "寄件者: Ana Ruiz <ana@acme.example>\n寄件日期: 2026年3月2日 上午 09:41\n收件者: Mara\n主旨: RE: x\n\n你好",
    "gm vi": "Vào Th 2, 2 thg 3, 2026 vào lúc 9:41 Ana Ruiz <ana@acme.example> đã viết:\n\n> Chào",
    "gm id": "Pada Sen, 2 Mar 2026 pukul 09.41 Ana Ruiz <ana@acme.example> menulis:\n\n> Halo",
    "gm ca": "Missatge de Ana Ruiz <ana@acme.example> del dia dl., 2 de març 2026 a les 9:41:\n\n> Hola",
    "gm sk": "po 2. 3. 2026 o 9:41 Ana Ruiz <ana@acme.example> napísal(a):\n\n> Ahoj",
    "gm hr": "pon, 2. ožu 2026. u 09:41 Ana Ruiz <ana@acme.example> napisao je:\n\n> Bok",
    "gm sl": "V pon., 2. mar. 2026 ob 09:41 je oseba Ana Ruiz <ana@acme.example> napisala:\n\n> Zdravo",
    "gm bg": "На пн, 2.03.2026 г. в 9:41 Ana Ruiz <ana@acme.example> написа:\n\n> Здравей",
    "gm et": "Kuupäev E, 2. märts 2026 kell 09:41 kirjutas Ana Ruiz <ana@acme.example>:\n\n> Tere",
    "gm lt": "2026-03-02, pr, 09:41 Ana Ruiz <ana@acme.example> rašė:\n\n> Labas",
    "zendesk": "##- Please type your reply above this line -##\n\nYour request (5512) has been updated.",
    "reply above": "--- Please reply above this line ---\n\nHello Mara, your request",
    "reply above2": "-----Reply above this line-----\n\nAna Ruiz wrote:",
    "reply above de": "##- Bitte geben Sie Ihre Antwort über dieser Zeile ein. -##\n\nIhre Anfrage",
    "ol de": "Von: Ana Ruiz <ana@acme.example>\nGesendet: Montag, 2. März 2026 09:41\nAn: Mara Olsen <mara@example.com>\nCc: Bob\nBetreff: AW: Bestellung\n\nHallo",
    "ol de mac": "Von: Ana Ruiz <ana@acme.example>\nDatum: Montag, 2. März 2026 um 09:41\nAn: Mara\nBetreff: AW: Bestellung\n\nHallo",
    "tb de": "Am 02.03.26 um 09:41 schrieb Ana Ruiz:\n> Hallo",
    "apple de": "Am 02.03.2026 um 09:41 schrieb Ana Ruiz <ana@acme.example>:\n\n\ufeffHallo",
    "apple de2": "> Am 02.03.2026 um 09:41 schrieb Ana Ruiz <ana@acme.example>:\n> \n> Hallo",
    "k9 de": "Am 2. März 2026 09:41:00 MEZ schrieb Ana Ruiz <ana@acme.example>:\n>Hallo",
    "ionos": "Ana Ruiz <ana@acme.example> hat am 02.03.2026 09:41 CET geschrieben:\n\n\nHallo",
    "t-online": '-----Original-Nachricht-----\nBetreff: x\nDatum: 2026-03-02T09:41:00+0100\nVon: "Ana"\nAn: m\n\nHallo',
    "telekom": "Gesendet mit der Telekom Mail App\n\n--- Original-Nachricht ---\nVon: Ana\nBetreff: x\nDatum: 2\nAn: m\n\nHallo",
    "no colon gmail wrap": "On Mon, Mar 2, 2026 at 9:41 AM Ana Ruiz via Customer Support\n<support@acme.example> wrote:\n\n> Hello",
    "long wrap": "On Mon, Mar 2, 2026 at 9:41 AM Ana Ruiz, the very nice lady of the support\nteam of Acme International Incorporated\n(Europe) <ana.ruiz.support.international@acme.example>\nwrote:\n\n> Hello",
    "header indented": "    From: Ana Ruiz <ana@acme.example>\n    Sent: Monday, March 2, 2026 9:41 AM\n    To: Mara\n    Subject: Order\n\n    Hello",
    "hdr sent/cc/importance": "From: Ana Ruiz [mailto:ana@acme.example]\nSent: Monday, March 02, 2026 9:41 AM\nTo: Mara Olsen\nCc: Bob; Eve; 'x@y.de'\nImportance: High\nSubject: RE: Order\n\nHello",
    "hdr From/To/Subject only": "From: Ana Ruiz <ana@acme.example>\nTo: Mara\nSubject: Order\n\nHello",
    "hdr reply-to": "From: Ana\nReply-To: ana@acme.example\nDate: Monday, 2 March\nTo: Mara\nSubject: Order\n\nHello",
    "wrote plain dash": "-----\nOn Mar 2, 2026, Ana Ruiz <ana@acme.example> wrote:\n> hi",
    "aol app": "Sent from AOL Mobile Mail\nGet the new AOL app: mail.mobile.aol.com\n\nOn Monday, March 2, 2026, Ana Ruiz <ana@acme.example> wrote:\n\nHello",
    "ym iphone": "Sent from Yahoo Mail for iPhone\n\n\nOn Monday, March 2, 2026, 9:41 AM, Ana Ruiz <ana@acme.example> wrote:\n\nHello",
    "ms teams": "Get Outlook for Android\n________________________________\nFrom: Ana Ruiz <ana@acme.example>\nSent: Monday, March 2, 2026 9:41:00 AM\nTo: Mara\nSubject: Re: Order\n\nHello",
    "iphone excuse": "Sent from my iPhone, please excuse typos.\n\nOn Mar 2, 2026, at 9:41 AM, Ana <ana@acme.example> wrote:\n\nHello",
    "iphone excuse2": "Sent from my iPhone. Please excuse brevity and typos.",
    "mobile excuse": "Sent from my mobile device. Please excuse any typos.\n",
    "appel": 'Envoyé depuis l’application Mail Orange\n\n\n----------------------------------------------\n\nDe : "Ana"\nEnvoyé le : 2\nÀ : m\nObjet : x',
}
"""What follows the new text of a plain mail, by program and language."""

SIGNED_OFF: Final = (
    "Sent from my iPhone",
    "Sent from Yahoo Mail on Android",
    "Sent from Outlook for Android<https://aka.ms/x>",
    "Sent from Samsung Mobile",
    "Sent from Gmail Mobile",
    "Sent from ProtonMail mobile",
    "Sent from Proton Mail for iOS",
    "Sent from my Pixel 8",
    "Envoyé depuis mon appareil Galaxy",
    "Télécharger Outlook pour iOS",
    "Provenance : Courrier pour Windows",
    "Gesendet von Outlook für Android",
    "Gesendet von Mail für Windows",
    "Gesendet mit der GMX iPhone App",
    "Diese Nachricht wurde von meinem Android Mobiltelefon mit WEB.DE Mail gesendet.",
    "Von meinem iPad gesendet",
    "Von meinem/meiner Galaxy gesendet",
    "Holen Sie sich Outlook für iOS",
    "Outlook für Android herunterladen",
    "Outlook voor Android downloaden",
    "Downloaden Outlook voor iOS",
    "Scarica Outlook per iOS",
    "Ottieni Outlook per Android",
    "Obtenha o Outlook para iOS",
    "Obter o Outlook para Android",
    "Obtener Outlook para Android",
    "Pobierz aplikację Outlook dla systemu Android",
    "Hämta Outlook för iOS",
    "Hent Outlook til iOS",
    "Skaffa Outlook för Android",
    "Hanki Outlook for Android",
    "Enviado desde mi Samsung Mobile de Claro",
    "Enviado desde Outlook",
    "Enviado desde Correo para Windows",
    "Enviado do Outlook",
    "Enviado via iPhone",
    "Inviato da Outlook per Android",
    "Inviato dal mio Galaxy",
    "Inviato da Posta per Windows",
    "Verzonden vanuit Mail voor Windows",
    "Verzonden met Outlook voor Android",
    "Verstuurd vanaf mijn iPad",
    "Odesláno z iPhonu",
    "Odoslané z iPhonu",
    "iPhone-ról küldve",
    "Trimis de pe iPhone-ul meu",
    "iPhone'umdan gönderildi",
    "Отправлено с iPhone",
    "Отправлено из мобильной Почты Mail.ru",
    "Отправлено из Почты Mail.ru для Android",
    "Надіслано з iPhone",
    "Στάλθηκε από το iPhone μου",
    "נשלח מה-iPhone שלי",
    "发自我的 iPhone",
    "从我的 iPhone 发送",
    "從我的 iPhone 傳送",
    "나의 iPhone에서 보냄",
    "iPhoneから送信",
    "Poslano s mog iPhonea",
    "Enviat des del meu iPhone",
    "Đã gửi từ iPhone của tôi",
    "Dikirim dari iPhone saya",
    "Sent from my Windows Phone",
    "Sent from Windows Mail",
    "Sent from Mail for Windows 10",
    "Sent using Zoho Mail",
    "Sent with Shift",
    "Sent via Superhuman",
    "Sent from Superhuman iOS",
    "Sent from Front",
    "Sent from my BlackBerry 10 smartphone on the Rogers network.",
    "Sent on the go with Spark",
    "Sent with Spark",
    "Sent with Mailsuite",
    "Sent from my Verizon, Samsung Galaxy smartphone",
    "Get BlueMail for Android",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Envoyé à partir d’Outlook pour Android",
    "Envoyé à partir de Courrier pour Windows",
)
"""Lines that programs put below a message."""

PROSE: Final = (
    "On 3 May 2026 at 9:41 I called and Ana said:\nyou will get a refund.\n\nSo where is it?",
    "I need a flight.\n\nFrom: London\nTo: Paris\nDate: 3 May 2026\n\nThanks\nMara",
    "Hello,\n\nThe pictures were sent from my iPhone",
    "Hello,\n\nGet Outlook for me, please?",
    "Please send:\n\n- Lamp\n- Bulb",
    "My address:\n\nMara Olsen\nMain St 5\n-----\nThanks\nMara",
    "Dear team,\n\nAm 02.03.2026 um 09:41 Uhr habe ich bestellt:\n\n2 Lampen\n\nWo sind sie?",
    "Hi Ana,\n\nI received the e-mail of 2 March 2026, 9:41 from Bob <bob@x.de> which says:\n\nYou owe us 5 EUR.\n\nIs that right?",
    "Error log:\n2026-03-02 09:41:00 ERROR foo\n2026-03-02 09:42:00 INFO bar: baz\n\nWhat now?",
    "Name: Mara\nEmail: mara@x.de\nSubject: Refund\nMessage: hello",
    "On the 2nd of March at 10:30 we met, and you wrote:\n\nI will call you.\n\nYou did not.",
    "A\n***\nB",
    "Sent from Berlin to Munich yesterday, where is it?",
    "Verzonden op maandag, maar niet aangekomen",
    "Von meinem Konto wurde Geld abgebucht",
    "Subject: my order\n\nwhere is it",
    "Hi,\n\nto: see below\nfrom: the start it was broken\n\nThanks",
    "Meeting notes\n-------------\nAna wrote the report.\n\nBob will check.",
    "Tracking 12:34: nothing happened.\n\nThanks",
    "El 3 de marzo a las 10:30 llamé y me dijeron:\nllega mañana.\n\n¿Dónde está?",
)
"""What people write themselves, although it looks like an old mail or a signature."""

_PARAGRAPHS = "<p>Thanks, it arrived.</p><p>Best regards<br>Mara</p>"
_LINES = '<div dir="ltr"><div>Thanks, it arrived.</div><div><br></div><div>Best regards</div><div>Mara</div></div>'
_OLD = "<p>Hello Mara,</p><p>is it there?</p>"

HTML_MAILS: Final[dict[str, str]] = {
    "gmail": _LINES
    + '<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Mon, Mar 2, 2026 at 9:41 AM Ana Ruiz &lt;<a href="mailto:ana@acme.example">ana@acme.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">'
    + _OLD
    + "</blockquote></div>",
    "gmail sig": _LINES
    + '<div><br clear="all"></div><div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr">Mara Olsen<br>Tel 123</div></div><br><div class="gmail_quote"><div class="gmail_attr">Am Mo., 2. März 2026 um 09:41 Uhr schrieb Ana &lt;a@b.de&gt;:<br></div><blockquote class="gmail_quote">'
    + _OLD
    + "</blockquote></div>",
    "gmail sig noprefix": _LINES + '<br><div class="gmail_signature">Mara Olsen<br>Tel 123</div>',
    "outlook word": "<div class=WordSection1><p class=MsoNormal>Thanks, it arrived.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Best regards<o:p></o:p></p><p class=MsoNormal>Mara<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'><p class=MsoNormal><b>From:</b> Ana Ruiz &lt;ana@acme.example&gt; <br><b>Sent:</b> Monday, March 2, 2026 9:41 AM<br><b>To:</b> Mara<br><b>Subject:</b> Order<o:p></o:p></p></div></div><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Hello<o:p></o:p></p></div>",
    "outlook web": _LINES
    + '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri" color="#000000"><b>From:</b> Ana<br><b>Sent:</b> Monday<br><b>To:</b> Mara<br><b>Subject:</b> Order</font><div>&nbsp;</div></div><div>'
    + _OLD
    + "</div>",
    "outlook web sig": _LINES
    + '<div id="Signature"><p>Mara Olsen</p><p>Tel 123</p></div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Ana</div><div>'
    + _OLD
    + "</div>",
    "outlook mobile": _LINES
    + '<div id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div><div id="mail-editor-reference-message-container"><hr><div><b>From:</b> Ana<br><b>Sent:</b> Monday<br><b>To:</b> Mara<br><b>Subject:</b> Order<br></div>'
    + _OLD
    + "</div>",
    "outlook mobile2": _LINES
    + '<div class="ms-outlook-mobile-reference-message skipProofing"><meta><hr><div id="divRplyFwdMsg">From: Ana</div>'
    + _OLD
    + "</div>",
    "outlook 2013 de": _PARAGRAPHS
    + '<div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class=MsoNormal><b>Von:</b> Ana</p></div>'
    + _OLD,
    "outlook simple hr": _PARAGRAPHS
    + "<hr><b>From:</b> Ana Ruiz<br><b>Sent:</b> Monday<br><b>To:</b> Mara<br><b>Subject:</b> Order<br>"
    + _OLD,
    "apple": '<div>Thanks, it arrived.</div><div><br></div><div>Best regards</div><div>Mara</div><div><br><blockquote type="cite"><div>On 2 Mar 2026, at 09:41, Ana Ruiz &lt;ana@acme.example&gt; wrote:</div><br class="Apple-interchange-newline"><div>'
    + _OLD
    + "</div></blockquote></div>",
    "ios": _LINES
    + '<div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On Mar 2, 2026, at 9:41 AM, Ana &lt;a@b.de&gt; wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">'
    + _OLD
    + "</div></blockquote>",
    "apple sig": _LINES
    + '<div id="AppleMailSignature" dir="ltr">Mara Olsen, Sales</div><div><br>On Mar 2, 2026, at 9:41 AM, Ana &lt;a@b.de&gt; wrote:<br><br></div><blockquote type="cite">'
    + _OLD
    + "</blockquote>",
    "yahoo": _LINES
    + '<div id="yahoo_quoted_123" class="yahoo_quoted"><div>On Monday, March 2, 2026 at 09:41:00 AM GMT+1, Ana &lt;a@b.de&gt; wrote:</div><div>'
    + _OLD
    + "</div></div>",
    "yahoo ydp": '<div class="ydp1yahoo-style-wrap"><div dir="ltr" data-setdir="false">Thanks, it arrived.</div><div><br></div><div>Best regards</div><div>Mara</div><div class="ydp1signature">Mara Olsen</div></div><div id="ydp2yahoo_quoted_12" class="ydp2yahoo_quoted"><div>On Monday, Ana wrote:</div>'
    + _OLD
    + "</div>",
    "proton": _LINES
    + '<div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with <a href="https://proton.me/" target="_blank">Proton Mail</a> secure email.</div></div><div class="protonmail_quote">On Monday, March 2nd, 2026 at 9:41 AM, Ana &lt;a@b.de&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">'
    + _OLD
    + "</blockquote></div>",
    "thunderbird": _PARAGRAPHS
    + '<div class="moz-cite-prefix">Am 02.03.26 um 09:41 schrieb Ana Ruiz:<br></div><blockquote type="cite" cite="mid:x">'
    + _OLD
    + '</blockquote><pre class="moz-signature" cols="72">-- \nMara Olsen</pre>',
    "thunderbird sig top": _PARAGRAPHS
    + '<div class="moz-signature">-- <br>Mara Olsen</div><div class="moz-cite-prefix">On 02/03/2026 09:41, Ana wrote:<br></div><blockquote type="cite">'
    + _OLD
    + "</blockquote>",
    "gmx": '<div style="font-family: Verdana"><div>Thanks, it arrived.</div><div>&nbsp;</div><div>Best regards</div><div>Mara</div><div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div style="margin:0 0 10px 0;"><b>Gesendet:</b>&nbsp;Montag, 02. März 2026 um 09:41 Uhr<br/><b>Von:</b>&nbsp;"Ana" &lt;a@b.de&gt;<br/><b>An:</b>&nbsp;m@x.de<br/><b>Betreff:</b>&nbsp;Re: x</div><div name="quoted-content">'
    + _OLD
    + "</div></div></div></div>",
    "zoho": _LINES
    + '<br><div class="zmail_extra" style=""><div id="Zm-_Id_-Sgn1">---- On Mon, 02 Mar 2026 09:41:00 +0100 <b>Ana &lt;a@b.de&gt;</b> wrote ----</div><blockquote>'
    + _OLD
    + "</blockquote></div>",
    "samsung": _LINES
    + '<div id="composer_signature">Sent from my Galaxy</div><div><br></div><div style="font-size:100%;color:#000000"><!-- originalMessage --><div>-------- Original message --------</div><div>From: Ana &lt;a@b.de&gt;</div><div>Date: 3/2/26  9:41 AM  (GMT+01:00)</div><div>To: m@x.de</div><div>Subject: Order</div><div><br></div></div>'
    + _OLD,
    "mail.ru": _PARAGRAPHS
    + '<blockquote style="border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;">Понедельник, 2 марта 2026, 9:41 +03:00 от Ana &lt;a@b.de&gt;:<br><br>'
    + _OLD
    + "</blockquote>",
    "yandex": '<div>Thanks, it arrived.</div><div>&nbsp;</div><div>Best regards</div><div>Mara</div><div>&nbsp;</div><div>02.03.2026, 09:41, "Ana Ruiz" &lt;ana@acme.example&gt;:</div><blockquote type="cite">'
    + _OLD
    + "</blockquote>",
    "qq": _LINES
    + '<div><br></div><div style="font-size:12px;font-family:Arial Narrow;padding:2px 0 2px 0;">------------------&nbsp;Original&nbsp;------------------</div><div style="font-size:12px;background:#efefef;padding:8px;"><div><b>From:</b> "Ana";&lt;a@b.de&gt;;</div><div><b>Date:</b> Mon</div><div><b>To:</b> m</div><div><b>Subject:</b> x</div></div>'
    + _OLD,
    "spark": _LINES
    + '<div name="messageSignatureSection"><br>Mara Olsen</div><div name="messageReplySection">On Mar 2, 2026, 9:41 AM +0100, Ana &lt;a@b.de&gt;, wrote:<br><blockquote type="cite">'
    + _OLD
    + "</blockquote></div>",
    "front": _LINES
    + '<br><blockquote class="front-blockquote">On March 2, 2026, Ana wrote:<br>'
    + _OLD
    + "</blockquote>",
    "zimbra": _LINES
    + '<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>"Ana" &lt;a@b.de&gt;<br><b>To: </b>m<br><b>Sent: </b>Monday<br><b>Subject: </b>x<br></div><div data-marker="__QUOTED_TEXT__">'
    + _OLD
    + "</div>",
    "roundcube": _PARAGRAPHS
    + '<p id="reply-intro">On 2026-03-02 09:41, Ana Ruiz wrote:</p><blockquote type="cite" style="padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0">'
    + _OLD
    + "</blockquote>",
    "freshdesk": _LINES
    + '<div class="freshdesk_quote"><blockquote class="freshdesk_quote">On Mon, 2 Mar at 9:41 AM , Ana &lt;a@b.de&gt; wrote:<br>'
    + _OLD
    + "</blockquote></div>",
    "superhuman": _LINES
    + '<div class="gmail_signature">Sent via <a href="https://sprh.mn/">Superhuman</a></div><br><div class="gmail_quote">On Mon, Mar 02, 2026 at 9:41 AM, Ana <span>&lt;a@b.de&gt;</span> wrote:<br><blockquote class="gmail_quote">'
    + _OLD
    + "</blockquote></div>",
    "tutanota": _LINES
    + '<div><br></div><div>2. März 2026, 09:41 von a@b.de:<br></div><blockquote class="tutanota_quote" style="border-left: 1px solid #93A3B8;">'
    + _OLD
    + "</blockquote>",
    "windows mail": "<div>Thanks, it arrived.</div><div><br></div><div>Best regards</div><div>Mara</div><div><br></div><div>Sent from <a href=\"https://go.microsoft.com/fwlink/?LinkId=550986\">Mail</a> for Windows</div><div style='mso-element:para-border-div;border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>From: </b>Ana</p></div>"
    + _OLD,
    "hotmail old": '<div>Thanks, it arrived.<br><br>Best regards<br>Mara<br><br><div><hr id="stopSpelling">Date: Mon, 2 Mar 2026 09:41:00 +0100<br>From: a@b.de<br>To: m@x.de<br>Subject: x<br><br>Hello</div></div>',
    "aol": _PARAGRAPHS
    + '<div style="font-family:arial">-----Original Message-----<br>From: Ana &lt;a@b.de&gt;<br>To: m<br>Sent: Mon<br>Subject: x<br>'
    + _OLD
    + "</div>",
    "notes": _PARAGRAPHS
    + "<br><font size=1 color=#5f5f5f>From:&nbsp;&nbsp;&nbsp;</font><font size=1>Ana Ruiz/Acme</font><br><font>To:</font>Mara<br><font>Date:</font>03/02/2026<br><font>Subject:</font>Order<br><hr noshade><br>"
    + _OLD,
    "evolution": _PARAGRAPHS
    + '<div>On Mon, 2026-03-02 at 09:41 +0100, Ana Ruiz wrote:</div><blockquote type="cite" style="margin:0 0 0 .8ex; border-left:2px #729fcf solid;padding-left:1ex">'
    + _OLD
    + "</blockquote>",
    "fairemail": _LINES
    + '<div fairemail="signature">Mara Olsen</div><div fairemail="reference"><p>On March 2, 2026 9:41 AM, Ana wrote:</p><blockquote>'
    + _OLD
    + "</blockquote></div>",
    "hey": _LINES
    + '<br><blockquote class="trix-content">On March 2, 2026, Ana &lt;a@b.de&gt; wrote:<br>'
    + _OLD
    + "</blockquote>",
    "zendesk": _LINES
    + '<div style="color:#b5b5b5">##- Please type your reply above this line -##</div>'
    + _OLD,
    "outlook table": _LINES
    + "<table><tr><td><b>From:</b></td><td>Ana &lt;a@b.de&gt;</td></tr><tr><td><b>Sent:</b></td><td>Monday</td></tr><tr><td><b>To:</b></td><td>Mara</td></tr><tr><td><b>Subject:</b></td><td>Order</td></tr></table>"
    + _OLD,
    "outlook owa x_": _LINES + '<div id="x_divRplyFwdMsg"><b>From:</b> Ana</div>' + _OLD,
    "gmail interleaved": '<div dir="ltr"><div class="gmail_quote"><div class="gmail_attr">On Mon Ana wrote:<br></div><blockquote class="gmail_quote">Which size?</blockquote><div>Thanks, it arrived.</div><div><br></div><div>Best regards</div><div>Mara</div></div></div>',
}
"""Whole HTML mails by program, all saying `NEW`."""
