"""Five small databases as other people might have made them: tables, and generated rows.

Each shape is a list of (name, columns, rows). Columns are SQL that SQLite and PostgreSQL both read;
rows are tuples. Each has what is typical of its kind of application: unusual names, composite keys,
empty and missing texts, very old dates, numbers with many digits.
"""
from datetime import date, datetime, timedelta

WORDS = ("amber", "birch", "copper", "dune", "ember", "fjord", "gravel", "harbour", "iris", "juniper", "kettle",
         "lantern", "meadow", "nutmeg", "orchard", "pebble", "quartz", "ribbon", "saffron", "thistle")
PEOPLE = ("Ada", "Björn", "Chloé", "Dmitri", "Eun-ji", "Fátima", "Grace", "Hélène", "Ines", "Jürgen")
FAMILIES = ("O'Neill", "van den Berg", "Çelik", "Nguyễn", "Smith", "Łuczak", "García", "Åberg")
START = date(2019, 2, 27)


def word(n):
    return WORDS[n % len(WORDS)]


def words(n, count=3):
    return " ".join(word(n * 7 + k * 3) for k in range(count))


def day(n):
    return (START + timedelta(days=n * 13)).isoformat()


def moment(n):
    return (datetime(2020, 1, 31, 23, 59, 30) + timedelta(hours=n * 37, seconds=n)).isoformat(sep=" ")


def some(n, every, value):
    """The value, or None in every row whose number `every` divides."""
    return None if n % every == 0 else value


def shop():
    return [
        ("categories", "id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES categories (id), name VARCHAR(60) NOT NULL, "
         "slug VARCHAR(60) NOT NULL UNIQUE, hint TEXT NOT NULL",
         [(n, None if n < 4 else n % 3 + 1, words(n, 2).title(), f"{word(n)}-{n}", "" if n % 2 else words(n))
          for n in range(1, 21)]),
        ("articles", "sku VARCHAR(12) PRIMARY KEY, category_id INTEGER NOT NULL REFERENCES categories (id), "
         "title VARCHAR(120) NOT NULL, net_price NUMERIC(12,4) NOT NULL CHECK (net_price >= 0), weight_kg REAL, "
         "on_sale BOOLEAN NOT NULL, released DATE, details TEXT",
         [(f"{word(n)[:3].upper()}-{n:03}", n % 20 + 1, f"{words(n, 2)} “{n}”", f"{n * 19 + 0.0125:.4f}",
           some(n, 4, n / 8), n % 3 == 0, some(n, 5, day(n)), some(n, 3, f"{words(n, 9)}\n\n{words(n + 1)} & <b>more</b>"))
          for n in range(1, 81)]),
        ("stock_levels", "warehouse VARCHAR(10) NOT NULL, sku VARCHAR(12) NOT NULL REFERENCES articles (sku), "
         "on_hand INTEGER NOT NULL, counted_at TIMESTAMP, PRIMARY KEY (warehouse, sku)",
         [(place, f"{word(n)[:3].upper()}-{n:03}", n * 3 - 20, some(n, 3, moment(n)))
          for place in ("north", "a/b,c") for n in range(1, 31)]),
        ("stock_moves", "id INTEGER PRIMARY KEY, warehouse VARCHAR(10) NOT NULL, sku VARCHAR(12) NOT NULL, "
         "quantity INTEGER NOT NULL, reason VARCHAR(20), FOREIGN KEY (warehouse, sku) "
         "REFERENCES stock_levels (warehouse, sku)",
         [(n, "north", f"{word(n % 30 + 1)[:3].upper()}-{n % 30 + 1:03}", n - 25, some(n, 4, word(n)))
          for n in range(1, 51)]),
    ]


def blog():
    return [
        ("authors", "id INTEGER PRIMARY KEY, handle VARCHAR(30) NOT NULL UNIQUE, full_name VARCHAR(80) NOT NULL, "
         "email VARCHAR(120) NOT NULL, bio TEXT, joined_at TIMESTAMP WITH TIME ZONE NOT NULL",
         [(n, f"{word(n)}{n}", f"{PEOPLE[n % 10]} {FAMILIES[n % 8]}", f"{word(n)}{n}@example.org",
           some(n, 2, words(n, 12)), moment(n) + "+00:00") for n in range(1, 25)]),
        ("posts", "id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES authors (id) ON DELETE CASCADE, "
         "title VARCHAR(150) NOT NULL, body TEXT NOT NULL, state VARCHAR(10) NOT NULL CHECK (state IN ('draft', "
         "'review', 'live')), published_at TIMESTAMP, reading_time TIME, meta JSON",
         [(n, n % 24 + 1, f"{words(n, 4).capitalize()}?", "\n".join(words(n + k, 8) for k in range(4)),
           ("draft", "review", "live")[n % 3], some(n, 3, moment(n)), some(n, 4, f"00:{n % 60:02}:30"),
           some(n, 5, '{"tags": ["%s"],  "score": %s.50}' % (word(n), n))) for n in range(1, 101)]),
        ("labels", "name VARCHAR(30) PRIMARY KEY, colour CHAR(7) NOT NULL",
         [(word(n), f"#{n * 37123 % 0xffffff:06x}") for n in range(20)]),
        ("post_labels", "post_id INTEGER NOT NULL REFERENCES posts (id), label VARCHAR(30) NOT NULL "
         "REFERENCES labels (name) ON UPDATE CASCADE, PRIMARY KEY (post_id, label)",
         [(n, word(n + k)) for n in range(1, 41) for k in (0, 5)]),
        ("comments", "id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL REFERENCES posts (id), answers INTEGER "
         "REFERENCES comments (id), nick VARCHAR(40), text TEXT NOT NULL, spam BOOLEAN",
         [(n, n % 100 + 1, None if n < 10 else n // 2, some(n, 3, PEOPLE[n % 10]), words(n, 6),
           None if n % 4 == 0 else n % 4 == 1) for n in range(1, 121)]),
    ]


def music():
    return [
        ("artist", "artist_no INTEGER PRIMARY KEY, artist VARCHAR(80) NOT NULL, founded INTEGER",
         [(n, f"The {words(n, 2).title()}", some(n, 4, 1890 + n)) for n in range(1, 41)]),
        ("album", "album_no INTEGER PRIMARY KEY, artist_no INTEGER NOT NULL REFERENCES artist (artist_no), "
         "title VARCHAR(100) NOT NULL, cover VARCHAR(200), UNIQUE (artist_no, title)",
         [(n, n % 40 + 1, f"{words(n, 3).title()} ({n})", some(n, 2, f"https://img.example.org/{word(n)}/{n}.jpg"))
          for n in range(1, 81)]),
        ("track", "album_no INTEGER NOT NULL REFERENCES album (album_no), disc SMALLINT NOT NULL, position SMALLINT NOT NULL, "
         "title VARCHAR(120) NOT NULL, milliseconds BIGINT NOT NULL, price NUMERIC(5,2), PRIMARY KEY (album_no, disc, position)",
         [(n // 4 + 1, 1 + (n % 4 > 2), n % 4 + 1, words(n, 2).capitalize(), 9007199254740990 + n if n % 50 == 0 else
           n * 1017 + 60000, some(n, 6, f"{n % 9}.90")) for n in range(0, 200)]),
        ("playlist", "id INTEGER PRIMARY KEY, name VARCHAR(80), public BOOLEAN NOT NULL",
         [(n, some(n, 5, words(n, 2)), n % 2 == 0) for n in range(1, 21)]),
        ("playlist_track", "playlist_id INTEGER NOT NULL REFERENCES playlist (id), at INTEGER NOT NULL, "
         "album_no INTEGER NOT NULL, disc SMALLINT NOT NULL, position SMALLINT NOT NULL, PRIMARY KEY (playlist_id, at), "
         "FOREIGN KEY (album_no, disc, position) REFERENCES track (album_no, disc, position)",
         [(n % 20 + 1, n // 20, n + 1, 1, 1) for n in range(0, 48)]),
    ]


def films():
    return [
        ("language", "language_id INTEGER PRIMARY KEY, name CHAR(20) NOT NULL, last_update TIMESTAMP NOT NULL",
         [(n, word(n).capitalize().ljust(20), moment(n)) for n in range(1, 21)]),
        ("film", "film_id INTEGER PRIMARY KEY, title VARCHAR(128) NOT NULL, description TEXT, release_year INTEGER, "
         "language_id INTEGER NOT NULL REFERENCES language (language_id), rental_rate NUMERIC(4,2) NOT NULL, "
         "length SMALLINT, rating VARCHAR(5) CHECK (rating IN ('G', 'PG', 'R')), last_update TIMESTAMP NOT NULL",
         [(n, words(n, 2).upper(), some(n, 4, f"A tale of a {word(n)} and a {word(n + 3)}."), some(n, 3, 1960 + n % 60),
           n % 20 + 1, f"{n % 5}.99", some(n, 6, 60 + n), ("G", "PG", "R", None)[n % 4], moment(n)) for n in range(1, 151)]),
        ("store", "store_id INTEGER PRIMARY KEY, street VARCHAR(80) NOT NULL, phone VARCHAR(20) NOT NULL, opened DATE",
         [(n, f"{n} {word(n).capitalize()} Street", "" if n % 3 else f"+49 731 {n:05}", some(n, 4, day(n)))
          for n in range(1, 21)]),
        ("inventory", "inventory_id INTEGER PRIMARY KEY, film_id INTEGER NOT NULL REFERENCES film (film_id), "
         "store_id INTEGER NOT NULL REFERENCES store (store_id)",
         [(n, n % 150 + 1, n % 20 + 1) for n in range(1, 101)]),
        ("rental", "rental_id INTEGER PRIMARY KEY, inventory_id INTEGER NOT NULL REFERENCES inventory (inventory_id), "
         "rented TIMESTAMP NOT NULL, returned TIMESTAMP, fee NUMERIC(7,2) NOT NULL",
         [(n, n % 100 + 1, moment(n), some(n, 3, moment(n + 3)), f"{n % 7}.50") for n in range(1, 121)]),
    ]


def staff():
    return [
        ("dept", "deptno CHAR(4) PRIMARY KEY, dname VARCHAR(40) NOT NULL UNIQUE, budget NUMERIC(20,2)",
         [(f"d{n:03}", words(n, 2).title() + f" {n}", some(n, 3, f"{n}234567890123456.78")) for n in range(1, 21)]),
        ("emp", "empno INTEGER PRIMARY KEY, first_name VARCHAR(14) NOT NULL, last_name VARCHAR(16) NOT NULL, title VARCHAR(30), "
         "deptno CHAR(4) NOT NULL REFERENCES dept (deptno), mgr INTEGER REFERENCES emp (empno), hired DATE NOT NULL, "
         "left_on DATE, salary NUMERIC(10,2)",
         [(n, PEOPLE[n % 10], FAMILIES[n % 8], some(n, 4, word(n).title()), f"d{n % 20 + 1:03}", some(n, 9, max(1, n // 9)) if n > 1
           else None, day(n), some(n, 2, day(n + 40)), some(n, 7, f"{n * 1234}.05")) for n in range(1, 121)]),
        ("titles", "empno INTEGER NOT NULL REFERENCES emp (empno), title VARCHAR(40) NOT NULL, from_date DATE NOT NULL, "
         "to_date DATE, PRIMARY KEY (empno, title, from_date)",
         [(n, word(n + k), day(n + k), some(k, 2, day(n + k + 9))) for n in range(1, 31) for k in (0, 1)]),
        ("absences", "id INTEGER PRIMARY KEY, empno INTEGER NOT NULL REFERENCES emp (empno) ON DELETE CASCADE, "
         "kind VARCHAR(10) NOT NULL, starts DATE NOT NULL, days NUMERIC(4,1) NOT NULL, note TEXT",
         [(n, n % 120 + 1, ("ill", "holiday")[n % 2], day(n), f"{n % 9}.5", some(n, 3, words(n, 5))) for n in range(1, 61)]),
    ]


SHAPES = {"shop": shop, "blog": blog, "music": music, "films": films, "staff": staff}


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


def sql(tables):
    """The statements that create a shape's tables and rows."""
    lines = []
    for name, columns, rows in tables:
        lines.append(f"CREATE TABLE {name} ({columns});")
        for row in rows:
            lines.append(f"INSERT INTO {name} VALUES ({', '.join(map(literal, row))});")
    return "\n".join(lines)
