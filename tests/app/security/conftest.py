import pytest

from app.database import Base, Database
from app.security import signing_keys, throttle
from app.security.key_pairs import Algorithm, PrivateKey


@pytest.fixture(scope="session")
def rsa_key():
    return PrivateKey.generate(Algorithm.RS256)


@pytest.fixture(scope="session")
def ec_key():
    return PrivateKey.generate(Algorithm.ES256)


@pytest.fixture
def database(empty_database_url):
    database = Database(empty_database_url)
    tables = [signing_keys.SigningKey.__table__, throttle.Throttle.__table__]
    Base.metadata.create_all(database.engine, tables=tables)
    yield database
    database.dispose()
