//! The places of customers, and the names of firms there. Words only, no rules.
//!
//! A word in another script is followed by a bar and its Latin form, which is used in e-mail
//! addresses.

/// A country, with words for the names of its firms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub country: &'static str,
    pub region: &'static str,
    /// The number of customers, relative to the other places.
    pub share: usize,
    /// The separator in names; empty for Chinese and Japanese.
    pub joint: &'static str,
    pub cities: &'static [&'static str],
    pub families: &'static [&'static str],
    pub trades: &'static [&'static str],
    pub forms: &'static [&'static str],
}

const EN: &[&str] = &[
    "Outfitters",
    "Interiors",
    "Supplies",
    "Trading",
    "Homewares",
    "Studio",
    "Stationers",
    "Gardens",
    "Lighting",
    "Workshop",
];
const DE: &[&str] = &[
    "Möbel",
    "Textil",
    "Raumkunst",
    "Bürobedarf",
    "Leuchten",
    "Gartenbau",
    "Werkstätten",
    "Küchen",
    "Wohnen",
    "Papier",
];
const FR: &[&str] = &[
    "Mobilier",
    "Décoration",
    "Papeterie",
    "Luminaires",
    "Ateliers",
    "Jardins",
    "Équipement",
    "Intérieurs",
];
const ES: &[&str] = &[
    "Muebles",
    "Papelería",
    "Decoración",
    "Hogar",
    "Iluminación",
    "Jardines",
    "Diseño",
    "Cerámica",
];
const PT: &[&str] = &[
    "Móveis",
    "Papelaria",
    "Decorações",
    "Jardins",
    "Iluminação",
    "Cerâmica",
    "Interiores",
    "Utilidades",
];
const IT: &[&str] = &[
    "Arredamenti",
    "Cartoleria",
    "Illuminazione",
    "Giardini",
    "Ceramiche",
    "Tessuti",
    "Cucine",
    "Design",
];
const NL: &[&str] = &[
    "Wonen",
    "Kantoor",
    "Verlichting",
    "Tuinen",
    "Textiel",
    "Keukens",
    "Interieur",
    "Meubelen",
];
const NORDIC: &[&str] = &[
    "Möbler",
    "Belysning",
    "Interiör",
    "Kontor",
    "Trädgård",
    "Textil",
    "Papper",
    "Form",
];

const fn place(
    country: &'static str,
    region: &'static str,
    share: usize,
    cities: &'static [&'static str],
    families: &'static [&'static str],
    trades: &'static [&'static str],
    forms: &'static [&'static str],
) -> Place {
    Place {
        country,
        region,
        share,
        joint: " ",
        cities,
        families,
        trades,
        forms,
    }
}

/// All the places.
#[rustfmt::skip]
pub(super) const PLACES: &[Place] = &[
    place(
        "Germany", "emea", 16,
        &["Hamburg", "München", "Köln", "Leipzig", "Nürnberg", "Bremen", "Düsseldorf", "Freiburg"],
        &[
            "Müller", "Schröder", "Köhler", "Weiß", "Lorenz", "Brandt", "Jäger", "Günther",
            "Vogel", "Arnold", "Seidel", "Kühn",
        ],
        DE, &["GmbH", "KG", "AG"],
    ),
    place(
        "Austria", "emea", 4,
        &["Wien", "Graz", "Salzburg", "Innsbruck"],
        &["Gruber", "Pichler", "Höller", "Steiner", "Mayrhofer", "Wögerer"],
        DE, &["GmbH", "OG"],
    ),
    place(
        "Switzerland", "emea", 4,
        &["Zürich", "Bern", "Basel", "Genève", "Lausanne"],
        &["Zürcher", "Favre", "Keller", "Rüegg", "Bühler", "Dubois"],
        DE, &["AG", "GmbH"],
    ),
    place(
        "France", "emea", 10,
        &["Paris", "Lyon", "Nîmes", "Orléans", "Besançon", "Angoulême", "Toulouse"],
        &["Lefèvre", "Moreau", "Gauthier", "Beaulieu", "Chevalier", "Rousseau", "Garçon", "Noël", "Fournier"],
        FR, &["SARL", "SAS"],
    ),
    place(
        "Spain", "emea", 7,
        &["Madrid", "Málaga", "Cádiz", "A Coruña", "Valencia", "Logroño"],
        &["García", "Núñez", "Ibáñez", "Peña", "Ortega", "Jiménez", "Vidal", "Muñoz"],
        ES, &["S.L.", "S.A."],
    ),
    place(
        "Portugal", "emea", 3,
        &["Lisboa", "Porto", "Évora", "Guimarães", "Setúbal"],
        &["Gonçalves", "Simões", "Araújo", "Teixeira", "Magalhães"],
        PT, &["Lda.", "S.A."],
    ),
    place(
        "Italy", "emea", 7,
        &["Milano", "Torino", "Forlì", "Bologna", "Cefalù", "Verona"],
        &["Bianchi", "Colombo", "Galli", "Ferrara", "Moretti", "D’Angelo", "Rinaldi"],
        IT, &["S.r.l.", "S.p.A."],
    ),
    place(
        "Netherlands", "emea", 5,
        &["Amsterdam", "Utrecht", "Rotterdam", "’s-Hertogenbosch", "Groningen"],
        &["De Vries", "Van Dijk", "Bakker", "Hoekstra", "Visser", "Kuipers"],
        NL, &["B.V.", "V.O.F."],
    ),
    place(
        "Sweden", "emea", 4,
        &["Göteborg", "Malmö", "Umeå", "Örebro", "Stockholm"],
        &["Lindström", "Åkesson", "Björk", "Hägg", "Sjöberg", "Öhman"],
        NORDIC, &["AB"],
    ),
    place(
        "Denmark", "emea", 3,
        &["København", "Aarhus", "Helsingør", "Rønne"],
        &["Sørensen", "Møller", "Kjær", "Østergaard", "Bjerre"],
        &["Møbler", "Belysning", "Kontor", "Haver", "Køkken"],
        &["ApS", "A/S"],
    ),
    place(
        "Finland", "emea", 3,
        &["Helsinki", "Jyväskylä", "Hämeenlinna", "Turku"],
        &["Mäkelä", "Hämäläinen", "Virtanen", "Järvinen", "Lehtonen"],
        &["Kalusteet", "Valaisimet", "Sisustus", "Puutarha"],
        &["Oy"],
    ),
    place(
        "Poland", "emea", 5,
        &["Łódź", "Kraków", "Gdańsk", "Wrocław", "Poznań"],
        &["Wiśniewski", "Zieliński", "Dąbrowski", "Król", "Wójcik", "Głowacki"],
        &["Meble", "Oświetlenie", "Wnętrza", "Biuro", "Ogrody", "Ceramika"],
        &["Sp. z o.o.", "S.A."],
    ),
    place(
        "Czechia", "emea", 3,
        &["Praha", "Brno", "Plzeň", "Olomouc"],
        &["Dvořák", "Černý", "Novotný", "Růžička", "Šimek"],
        &["Nábytek", "Svítidla", "Zahrady", "Interiéry"],
        &["s.r.o.", "a.s."],
    ),
    place(
        "Türkiye", "emea", 3,
        &["İstanbul", "İzmir", "Eskişehir", "Muğla"],
        &["Yılmaz", "Öztürk", "Çelik", "Şahin", "Güneş"],
        &["Mobilya", "Aydınlatma", "Kırtasiye", "Bahçe"],
        &["Ltd. Şti.", "A.Ş."],
    ),
    place(
        "Greece", "emea", 3,
        &["Αθήνα", "Θεσσαλονίκη", "Πάτρα", "Ηράκλειο"],
        &[
            "Παπαδόπουλος|papadopoulos", "Νικολάου|nikolaou", "Γεωργίου|georgiou",
            "Δημητρίου|dimitriou", "Οικονόμου|oikonomou",
        ],
        &["Έπιπλα|epipla", "Φωτισμός|fotismos", "Κήποι|kipoi", "Χαρτικά|chartika"],
        &["Α.Ε.", "Ο.Ε."],
    ),
    place(
        "Ukraine", "emea", 2,
        &["Київ", "Львів", "Одеса", "Чернівці"],
        &["Коваленко|kovalenko", "Шевчук|shevchuk", "Мельник|melnyk", "Бондар|bondar"],
        &["Меблі|mebli", "Світло|svitlo", "Сад|sad", "Папір|papir"],
        &["ТОВ"],
    ),
    place(
        "United Arab Emirates", "emea", 2,
        &["Dubai", "Abu Dhabi", "Sharjah"],
        &["النور|alnoor", "الواحة|alwaha", "الخليج|alkhaleej", "المها|almaha"],
        &["للأثاث|furniture", "للإضاءة|lighting", "للحدائق|gardens"],
        &["ش.ذ.م.م"],
    ),
    place(
        "United Kingdom", "emea", 9,
        &["Bristol", "Leeds", "Edinburgh", "Cardiff", "Norwich", "London", "Aberystwyth"],
        &["Ashworth", "Pemberton", "O’Brien", "Hartley", "Llewellyn", "Fairclough", "Whitcombe", "Blythe"],
        EN, &["Ltd", "LLP", "& Co."],
    ),
    place(
        "United States", "amer", 26,
        &["Portland", "Austin", "Minneapolis", "Cañon City", "Brooklyn", "Savannah", "Santa Fe", "Duluth"],
        &[
            "Whitaker", "Delgado", "Sullivan", "Nakamura", "Bennett", "Okafor", "Carlisle",
            "Hawthorne", "McAllister", "Reyes", "Abernathy", "Thornton", "Kowalski", "Beaumont",
            "Ellison", "Prescott",
        ],
        EN, &["Inc.", "LLC", "& Sons"],
    ),
    place(
        "Canada", "amer", 8,
        &["Montréal", "Québec", "Toronto", "Halifax", "Vancouver", "Trois-Rivières"],
        &["Tremblay", "Côté", "Gagné", "MacLeod", "Lévesque", "Sinclair", "Bélanger", "Fraser"],
        EN, &["Inc.", "Ltée"],
    ),
    place(
        "Mexico", "amer", 6,
        &["Ciudad de México", "Mérida", "Querétaro", "León", "Oaxaca"],
        &["Hernández", "Ramírez", "Treviño", "Cárdenas", "Saldaña", "Zúñiga"],
        ES, &["S.A. de C.V.", "S. de R.L."],
    ),
    place(
        "Brazil", "amer", 9,
        &["São Paulo", "Belém", "Florianópolis", "Goiânia", "Curitiba", "Brasília"],
        &["Conceição", "Guimarães", "Sá", "Falcão", "Moraes", "Antônio", "Brandão"],
        PT, &["Ltda.", "S.A."],
    ),
    place(
        "Argentina", "amer", 4,
        &["Buenos Aires", "Córdoba", "Neuquén", "Tucumán"],
        &["Fernández", "Agüero", "Giménez", "Bianco", "Quiñones"],
        ES, &["S.R.L.", "S.A."],
    ),
    place(
        "Australia", "apac", 8,
        &["Melbourne", "Brisbane", "Hobart", "Fremantle", "Adelaide"],
        &["Callaghan", "Nguyen", "Barrett", "Winmalee", "O’Connor", "Hargrave", "Kelleher"],
        EN, &["Pty Ltd", "& Co."],
    ),
    place(
        "New Zealand", "apac", 4,
        &["Whangārei", "Wellington", "Dunedin", "Tauranga"],
        &["Ngata", "Mackenzie", "Tāwhai", "Prendergast", "Rāwiri"],
        EN, &["Ltd"],
    ),
    place(
        "India", "apac", 8,
        &["Bengaluru", "Pune", "Kochi", "Jaipur", "Chennai"],
        &["Iyer", "Chatterjee", "Deshpande", "Kapoor", "Menon", "Rathore", "Banerjee", "Pillai"],
        EN, &["Pvt Ltd", "& Bros."],
    ),
    place(
        "Viet Nam", "apac", 3,
        &["Hà Nội", "Đà Nẵng", "Huế", "Cần Thơ"],
        &["Nguyễn", "Trần", "Phạm", "Đặng", "Hoàng"],
        &["Nội Thất", "Chiếu Sáng", "Văn Phòng"],
        &["JSC", "Co., Ltd."],
    ),
    Place {
        country: "Japan",
        region: "apac",
        share: 8,
        joint: "",
        cities: &["東京", "京都", "札幌", "福岡", "名古屋"],
        families: &["山田|yamada", "高橋|takahashi", "渡辺|watanabe", "小林|kobayashi", "斎藤|saito", "森|mori", "藤原|fujiwara"],
        trades: &["家具|kagu", "文具|bungu", "照明|shomei", "園芸|engei", "商店|shoten", "工房|kobo"],
        forms: &["株式会社", "有限会社"],
    },
    Place {
        country: "Taiwan",
        region: "apac",
        share: 3,
        joint: "",
        cities: &["臺北", "高雄", "臺南"],
        families: &["林|lin", "陳|chen", "黃|huang", "許|hsu"],
        trades: &["家居|jiaju", "文具|wenju", "燈飾|dengshi"],
        forms: &["有限公司"],
    },
    place(
        "South Korea", "apac", 4,
        &["서울", "부산", "대구", "제주"],
        &["김|kim", "박|park", "최|choi", "정|jeong"],
        &["가구|gagu", "조명|jomyeong", "문구|mungu", "정원|jeongwon"],
        &["주식회사"],
    ),
];

/// Notes about some customers.
pub(super) const NOTES: &[&str] = &[
    "Prefers delivery before 10 a.m.; ring at the side entrance.",
    "Asks for one collective invoice at the end of each month.",
    "Met at the spring fair. Interested in the garden range.",
    "Price agreement until the end of the year, see documents.",
    "New premises from March: the old address is no longer valid.",
    "Pays early and likes to be thanked for it.",
    "Pallets must not be higher than 1.80 m.",
    "Reclaimed two lamps in June; settled with a voucher.",
    "Wants samples of every new fabric.",
    "Please write, do not call.",
    "Orders for three branches; check the delivery address each time.",
    "Recommended us to two other firms.",
    "Credit limit raised after talking to accounts.\nTo be reviewed next summer.",
    "Closed on Mondays.",
];
